namespace SnapshotGrains.Nbd.Tests;

/// <summary>What replies to READ and BLOCK_STATUS look like, byte for byte.</summary>
public sealed class ReadReplyTests : IAsyncLifetime
{
    private const int Read = 0;
    private const int BlockStatus = 7;
    private const int Df = 4;
    private const int RequestOne = 8;
    private const uint DataBytes = TestServer.DataBytes;

    private readonly TestServer _server = new();

    /// <summary>A simple reply carries data and holes alike as bytes.</summary>
    [Fact]
    public void Simple_reply_spells_out_zeroes()
    {
        using var peer = _server.Connect();
        peer.Enter("ro").Simple(Read, DataBytes - 4096, 3 << 20).Should().Be(0);

        peer.Read(4096).Should().Equal(_server.Data[^4096..]);
        peer.Read((3 << 20) - 4096).Should().OnlyContain(b => b == 0);
    }

    /// <summary>A structured reply splits at holes and marks only its last chunk as done.</summary>
    [Fact]
    public void Structured_reply_has_a_chunk_for_each_hole()
    {
        using var peer = _server.Connect();
        peer.Enter("ro", structured: true);

        var chunks = peer.Chunks(Read, DataBytes - 4096, 12288);

        chunks.Select(c => (c.Type, c.IsDone)).Should().Equal((Chunk.Data, false), (Chunk.Hole, true));
        chunks[0].Offset.Should().Be(DataBytes - 4096);
        chunks[0].Payload[8..].Should().Equal(_server.Data[^4096..]);
        (chunks[1].Offset, chunks[1].HoleLength).Should().Be((DataBytes, 8192u));
    }

    /// <summary>"Don't fragment" gives one data chunk with the zeroes spelled out.</summary>
    [Fact]
    public void Df_gives_one_chunk()
    {
        using var peer = _server.Connect();
        peer.Enter("ro", structured: true);

        var chunk = peer.Chunks(Read, DataBytes - 4096, 65536, Df).Should().ContainSingle().Subject;

        chunk.Type.Should().Be(Chunk.Data);
        chunk.Payload[8..4104].Should().Equal(_server.Data[^4096..]);
        chunk.Payload[4104..].Should().HaveCount(65536 - 4096).And.OnlyContain(b => b == 0);
    }

    /// <summary>Five hundred requests in one packet are all answered, each with its own bytes.</summary>
    [Fact]
    public void Pipelined_reads_are_all_answered()
    {
        using var peer = _server.Connect();
        peer.Enter("ro");
        peer.Send(Enumerable.Range(0, 500).Select(i =>
            NbdPeer.Request(Read, (ulong)i * 777, 100, cookie: (ulong)i)).ToArray());

        for (var i = 0; i < 500; i++)
        {
            peer.ReadSimple().Should().Be((0u, (ulong)i));
            peer.Read(100).Should().Equal(_server.Data[(i * 777)..((i * 777) + 100)]);
        }
    }

    /// <summary>Block status tells data from holes; REQ_ONE gives one extent within the request.</summary>
    [Theory]
    [InlineData(0u, 2u << 20, 0, new uint[] { DataBytes, 0, DataBytes, 3 })]
    [InlineData(0u, 2u << 20, RequestOne, new uint[] { DataBytes, 0 })]
    [InlineData(100u, 200u, RequestOne, new uint[] { 200, 0 })]
    [InlineData(DataBytes, 4096u, 0, new uint[] { 4096, 3 })]
    public void Block_status(uint offset, uint length, int flags, uint[] expected)
    {
        using var peer = _server.Connect();
        peer.Enter("ro", structured: true, blockStatus: true);

        var chunk = peer.Chunks(BlockStatus, offset, length, flags).Should().ContainSingle().Subject;

        chunk.Type.Should().Be(Chunk.BlockStatus);
        chunk.Extents.SelectMany(e => new[] { e.Length, e.Flags }).Should().Equal(expected);
    }

    /// <summary>Writes, zeroes and trims are seen by reads of another connection once they were answered.</summary>
    [Fact]
    public void Writes_are_seen_by_others()
    {
        using var writer = _server.Connect();
        using var reader = _server.Connect();
        writer.Enter("rw");
        reader.Enter("ro");

        writer.Simple(1, 5000, 3, 0, [1, 2, 3]).Should().Be(0);
        reader.Simple(Read, 5000, 3).Should().Be(0);
        reader.Read(3).Should().Equal(1, 2, 3);
        writer.Simple(6, 5001, 1).Should().Be(0);
        reader.Simple(Read, 5000, 3).Should().Be(0);
        reader.Read(3).Should().Equal(1, 0, 3);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();
}
