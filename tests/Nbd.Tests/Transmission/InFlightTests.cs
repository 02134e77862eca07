namespace SnapshotGrains.Nbd.Tests;

/// <summary>Requests that the export answers later: together in flight, bounded, answered out of order.</summary>
public sealed class InFlightTests : IAsyncLifetime
{
    private const int Read = 0;
    private const int Flush = 3;

    private readonly ScriptedExport _export = new();
    private TestServer _server = null!;

    /// <summary>A slow read does not hold up those behind it; replies come as the export answers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replies_come_out_of_order(bool structured)
    {
        using var peer = Enter(structured);
        for (ulong i = 0; i < 20; i++)
        {
            peer.Send(NbdPeer.Request(Read, i * 4096, 512, cookie: i));
        }

        peer.Send(NbdPeer.Request(Flush, 0, 0, cookie: 99));
        peer.ReadSimple().Should().Be((0u, 99ul));
        await _export.StartedAsync(20);
        foreach (var i in Enumerable.Range(0, 20).Reverse())
        {
            _export.Release(i * 4096);
            ReadOne(peer, structured, (ulong)i).Should().Equal(ScriptedExport.Pattern(i * 4096, 512));
        }
    }

    /// <summary>
    /// No more requests are started than MaxInFlightRequests; the rest waits unread and is served later.
    /// </summary>
    [Fact]
    public async Task Requests_are_bounded()
    {
        using var peer = Enter();
        peer.Send(Enumerable.Range(0, 50).Select(i => NbdPeer.Request(Read, (ulong)i, 1, cookie: (ulong)i)).ToArray());
        await _export.StartedAsync(24);

        for (var i = 0; i < 50; i++)
        {
            _export.Started.Should().BeLessThanOrEqualTo(24 + i);
            _export.Release(i);
            peer.ReadSimple().Should().Be((0u, (ulong)i));
            peer.Read(1);
        }
    }

    /// <summary>Bytes in flight are bounded as well; a request larger than the bound goes alone.</summary>
    [Fact]
    public async Task Bytes_are_bounded()
    {
        using var peer = Enter();
        const uint third = 400 * 1024;
        peer.Send(Enumerable.Range(0, 4).Select(i => NbdPeer.Request(Read, (ulong)i, third)).ToArray());
        await _export.StartedAsync(2);
        _export.Started.Should().Be(2, "a third would exceed 1 MiB");
        peer.Send(NbdPeer.Request(Read, 4, 8 << 20));

        for (var i = 0; i < 5; i++)
        {
            _export.Release(i);
            peer.ReadSimple().Error.Should().Be(0);
            peer.Read(i < 4 ? (int)third : 8 << 20);
        }
    }

    /// <summary>
    /// A client that does not take its replies blocks no thread of the pool: late replies larger than the socket's
    /// buffer are finished by the connection's own sender, in full and in order.
    /// </summary>
    [Fact]
    public async Task Large_late_replies_arrive_whole()
    {
        using var peer = Enter();
        const int length = 300 * 1024;
        peer.Send(Enumerable.Range(0, 3).Select(i => NbdPeer.Request(Read, (ulong)i, length)).ToArray());
        await _export.StartedAsync(3);
        Parallel.For(0, 3, i => _export.Release(i));

        for (var i = 0; i < 3; i++)
        {
            var (error, cookie) = peer.ReadSimple();
            (error, cookie).Should().Be((0u, 0ul));
            var bytes = peer.Read(length);
            var offset = (bytes[0] * 223) & 0xff;
            bytes.Should().Equal(ScriptedExport.Pattern(offset, length));
        }
    }

    /// <summary>DISC ends the connection only after the requests before it were answered.</summary>
    [Fact]
    public async Task Disc_waits_for_requests_in_flight()
    {
        using var peer = Enter();
        peer.SendRequest(Read, 7, 3);
        await _export.StartedAsync(1);
        peer.SendRequest(2);
        _export.Release(7);

        peer.ReadSimple().Error.Should().Be(0);
        peer.Read(3).Should().Equal(ScriptedExport.Pattern(7, 3));
        peer.ShouldBeClosed();
        (await _server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.ClientDisconnected);
        await _export.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>StopAsync answers what is in flight before it closes.</summary>
    [Fact]
    public async Task Stop_finishes_requests_in_flight()
    {
        using var peer = Enter();
        peer.SendRequest(Read, 7, 3);
        await _export.StartedAsync(1);
        var stopping = _server.Server.StopAsync();
        stopping.IsCompleted.Should().BeFalse();
        _export.Release(7);

        peer.ReadSimple().Error.Should().Be(0);
        peer.Read(3);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
        peer.ShouldBeClosed();
    }

    /// <summary>A stop whose patience ends cancels what is in flight; the export is disposed all the same.</summary>
    [Fact]
    public async Task Stop_cancels_when_told_to_hurry()
    {
        using var peer = Enter();
        peer.SendRequest(Read, 7, 3);
        await _export.StartedAsync(1);
        using var hurry = new CancellationTokenSource();
        var stopping = _server.Server.StopAsync(hurry.Token);
        await hurry.CancelAsync();

        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
        await _export.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Lent memory is given back exactly once: sent, dropped by an error, or refused by the answer.</summary>
    [Fact]
    public async Task Leases_are_released_once()
    {
        CountingLease sent = new(), dropped = new(), refused = new();
        var memory = new byte[512];
        _export.Answer = r =>
        {
            r.Add(memory.AsMemory(0, 256), r.Offset == 0 ? sent : dropped);
            r.AddHole(128);
            r.Add(memory.AsMemory(0, r.Offset == 0 ? 128 : 129), r.Offset == 0 ? sent : refused);
        };
        using var peer = Enter();
        _export.Release(0);
        _export.Release(1);

        peer.Simple(Read, 0, 512).Should().Be(0);
        peer.Read(512);
        peer.Simple(Read, 1, 512).Should().Be(5);
        await WaitUntil(() => sent.Released == 2);
        (sent.Released, dropped.Released, refused.Released).Should().Be((2, 1, 1));
    }

    /// <summary>
    /// An export that fails, answers too little or throws what it should not: EIO, told to the observer.
    /// </summary>
    [Fact]
    public void Failures_are_mapped_and_told()
    {
        var answers = new Queue<Action<NbdRead>>(
        [
            _ => throw new NbdException(NbdError.NoMemory, "no room"),
            _ => throw new InvalidOperationException("secret"),
            r => r.AddHole(r.Length - 1),
            _ => throw new OperationCanceledException(),
            r => r.AddHole(r.Length),
        ]);
        _export.Answer = r => answers.Dequeue()(r);
        _export.Release(9);
        using var peer = Enter(structured: true);

        uint[] expected = [12, 5, 5, 5];
        foreach (var errno in expected)
        {
            var chunk = peer.Chunks(Read, 9, 10).Should().ContainSingle().Subject;
            chunk.Error.Should().Be(errno);
            chunk.Message.Should().NotContain("secret");
        }

        peer.Chunks(Read, 9, 10).Should().ContainSingle().Which.Type.Should().Be(Chunk.Hole);
        _server.Failures.Select(f => (f.Export, f.Offset, f.Length)).Should().HaveCount(4)
            .And.OnlyContain(f => f.Export == "scripted" && f.Offset == 9 && f.Length == 10);
    }

    /// <summary>A disk of 1 TiB can be trimmed in steps of 4 GiB - 1, the longest that the protocol has.</summary>
    [Fact]
    public void Terabyte_can_be_trimmed()
    {
        using var peer = Enter();
        const uint step = uint.MaxValue;
        ulong offset = 0;
        while (offset < 1ul << 40)
        {
            var length = (uint)Math.Min(step, (1ul << 40) - offset);
            peer.Simple(4, offset, length).Should().Be(0);
            offset += length;
        }

        _export.Trims.Sum(t => t.Length).Should().Be(1L << 40);
    }

    public Task InitializeAsync()
    {
        var exports = new NbdExportTable().Add("scripted", () => _export);
        _server = new TestServer(
            o => o with { MaxInFlightRequests = 24, MaxInFlightBytes = 1024 * 1024 }, exports);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _server.Server.StopAsync(hurry.Token);
        await _server.DisposeAsync();
    }

    private static byte[] ReadOne(NbdPeer peer, bool structured, ulong cookie)
    {
        if (structured)
        {
            var chunk = peer.ReadChunk();
            (chunk.Cookie, chunk.Type, chunk.IsDone).Should().Be((cookie, Chunk.Data, true));
            return chunk.Payload[8..];
        }

        peer.ReadSimple().Should().Be((0u, cookie));
        return peer.Read(512);
    }

    private static async Task WaitUntil(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private NbdPeer Enter(bool structured = false) => _server.Connect().Enter("scripted", structured);
}
