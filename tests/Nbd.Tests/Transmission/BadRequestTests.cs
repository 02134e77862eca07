using System.Security.Cryptography;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// Test catalogue 3: a request that breaks a rule gets the errno of proto.md, changes no byte, and the session lives
/// (payloads up to 64 MiB are skipped; a longer one ends it).
/// </summary>
public sealed class BadRequestTests : IAsyncLifetime
{
    private const int Read = 0;
    private const int Write = 1;
    private const int Flush = 3;
    private const int Trim = 4;
    private const int Cache = 5;
    private const int WriteZeroes = 6;
    private const int BlockStatus = 7;
    private const uint Eperm = 1;
    private const uint Einval = 22;
    private const uint Enospc = 28;
    private const uint Eoverflow = 75;
    private const ulong Size = TestServer.DiskBytes;
    private const uint MaxPayload = 32 * 1024 * 1024;

    private readonly TestServer _server = new();

    public static TheoryData<string, int, ulong, uint, int, uint> Cases => new()
    {
        { "read of nothing", Read, 0, 0, 0, Einval },
        { "read past the end", Read, Size - 1, 2, 0, Einval },
        { "read after the end", Read, Size, 1, 0, Einval },
        { "read at the largest offset", Read, ulong.MaxValue, 1, 0, Einval },
        { "read whose end overflows", Read, ulong.MaxValue - 10, 512, 0, Einval },
        { "read of 32 MiB + 1", Read, 0, MaxPayload + 1, 0, Einval },
        { "read of 65 MiB", Read, 0, 65u << 20, 0, Einval },
        { "read of 4 GiB - 1", Read, 0, uint.MaxValue, 0, Einval },
        { "read with DF but no structured replies", Read, 0, 512, 4, Einval },
        { "read with NO_HOLE", Read, 0, 512, 2, Einval },
        { "read with unknown flag", Read, 0, 512, 1 << 15, Einval },
        { "write of nothing", Write, 0, 0, 0, Einval },
        { "write past the end", Write, Size - 1, 2, 0, Enospc },
        { "write after the end", Write, Size, 1, 0, Enospc },
        { "write at the largest offset", Write, ulong.MaxValue, 512, 0, Enospc },
        { "write with unknown flag", Write, 0, 512, 1 << 9, Einval },
        { "write with REQ_ONE", Write, 0, 512, 8, Einval },
        { "write with unknown flag past the end", Write, Size, 512, 1 << 9, Einval },
        { "write of 32 MiB + 1", Write, 0, MaxPayload + 1, 0, Einval },
        { "write of 64 MiB", Write, 0, 64u << 20, 0, Einval },
        { "flush with an offset", Flush, 1, 0, 0, Einval },
        { "flush with a length", Flush, 0, 1, 0, Einval },
        { "flush with unknown flag", Flush, 0, 0, 2, Einval },
        { "trim of nothing", Trim, 0, 0, 0, Einval },
        { "trim past the end", Trim, Size - 1, 2, 0, Einval },
        { "trim of 4 GiB - 1 past the end", Trim, 0, uint.MaxValue, 0, Einval },
        { "trim at 1 TiB", Trim, 1ul << 40, 512, 0, Einval },
        { "trim with NO_HOLE", Trim, 0, 512, 2, Einval },
        { "cache of nothing", Cache, 0, 0, 0, Einval },
        { "cache past the end", Cache, Size, 1, 0, Einval },
        { "cache with unknown flag", Cache, 0, 512, 1 << 4, Einval },
        { "zero of nothing", WriteZeroes, 0, 0, 0, Einval },
        { "zero past the end", WriteZeroes, Size - 1, 2, 0, Enospc },
        { "zero of 4 GiB - 1 past the end", WriteZeroes, 0, uint.MaxValue, 0, Enospc },
        { "zero with DF", WriteZeroes, 0, 512, 4, Einval },
        { "block status without structured replies", BlockStatus, 0, 512, 0, Einval },
        { "unknown command 8", 8, 0, 0, 0, Einval },
        { "unknown command 9", 9, 0, 512, 0, Einval },
        { "unknown command 65535", 65535, 0, 0, 0, Einval },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bad_request_fails_alone(string name, int command, ulong offset, uint length, int flags, uint errno)
    {
        var before = DiskDigest();
        using var peer = _server.Connect();
        peer.Enter("rw");
        var payload = command == Write ? new byte[length] : null;

        peer.Simple(command, offset, length, flags, payload).Should().Be(errno, name);

        peer.ShouldStillServe();
        DiskDigest().Should().Be(before, "a failed request changes nothing");
        _server.Failures.Should().BeEmpty("the export never saw it");
    }

    /// <summary>Every command that writes is refused on a read-only export with EPERM, its payload skipped.</summary>
    [Theory]
    [InlineData(Write, 0)]
    [InlineData(Trim, 0)]
    [InlineData(WriteZeroes, 0)]
    [InlineData(WriteZeroes, 2)]
    public void Read_only_export_refuses(int command, int flags)
    {
        using var peer = _server.Connect();
        peer.Enter("ro");

        peer.Simple(command, 0, 512, flags, command == Write ? new byte[512] : null).Should().Be(Eperm);

        peer.ShouldStillServe();
    }

    /// <summary>
    /// With structured replies errors come as chunks with a text, also for READ; too long is EOVERFLOW.
    /// </summary>
    [Theory]
    [InlineData(Read, 0ul, 0u, 0, Einval)]
    [InlineData(Read, Size, 1u, 0, Einval)]
    [InlineData(Read, 0ul, 1u, 1 << 7, Einval)]
    [InlineData(Read, 0ul, MaxPayload + 1, 0, Eoverflow)]
    [InlineData(Read, 0ul, 65u << 20, 4, Eoverflow)]
    [InlineData(Trim, Size, 1u, 0, Einval)]
    [InlineData(BlockStatus, 0ul, 1u, 0, Einval)]
    [InlineData(77, 0ul, 0u, 0, Einval)]
    public void Structured_error_has_a_text(int command, ulong offset, uint length, int flags, uint errno)
    {
        using var peer = _server.Connect();
        peer.Enter("rw", structured: true);

        var chunk = peer.Chunks(command, offset, length, flags).Should().ContainSingle().Subject;

        chunk.Type.Should().Be(Chunk.ErrorType);
        chunk.Error.Should().Be(errno);
        chunk.Message.Should().NotBeEmpty();
        peer.Chunks(Read, 0, 8).Should().ContainSingle().Which.Type.Should().Be(Chunk.Data);
    }

    /// <summary>Payloads up to 32 MiB work, at odd offsets too: the minimum block size is 1.</summary>
    [Fact]
    public void Largest_and_unaligned_payloads_work()
    {
        using var peer = _server.Connect();
        peer.Enter("rw");
        var data = RandomNumberGenerator.GetBytes((int)MaxPayload);

        peer.Simple(Write, 3, MaxPayload, 0, data).Should().Be(0);
        peer.Simple(Read, 3, MaxPayload).Should().Be(0);
        peer.Read((int)MaxPayload).AsSpan().SequenceEqual(data).Should().BeTrue();
        peer.Simple(Read, Size - 1, 1).Should().Be(0);
        peer.Read(1).Should().Equal(0);
    }

    /// <summary>A refused write of 65 MiB is not skipped any more: the session ends, the server goes on.</summary>
    [Fact]
    public async Task Write_of_65_MiB_ends_the_session()
    {
        using var peer = _server.Connect();
        peer.Enter("rw").SendRequest(Write, 0, 65u << 20);

        peer.ShouldBeClosed();

        (await _server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.ProtocolViolation);
        _server.ShouldServeNextClient();
    }

    /// <summary>
    /// Without the right magic the stream cannot be trusted: earlier requests are answered, then closed.
    /// </summary>
    [Theory]
    [InlineData(0x25609514u)]
    [InlineData(0x12560953u)]
    [InlineData(0u)]
    public async Task Bad_magic_ends_the_session(uint magic)
    {
        using var peer = _server.Connect();
        peer.Enter("rw").Send(
            NbdPeer.Request(Flush, 0, 0, cookie: 1), NbdPeer.Request(Read, 0, 512, magic: magic));

        peer.ReadSimple().Should().Be((0u, 1ul));
        peer.ShouldBeClosed();

        (await _server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.ProtocolViolation);
        _server.ShouldServeNextClient();
    }

    /// <summary>FUA, once advertised, is accepted on every command (proto.md, "Command flags").</summary>
    [Theory]
    [InlineData(Read)]
    [InlineData(Write)]
    [InlineData(Trim)]
    [InlineData(Cache)]
    [InlineData(WriteZeroes)]
    public void Fua_is_accepted_everywhere(int command)
    {
        using var peer = _server.Connect();
        peer.Enter("rw");

        peer.Simple(command, 8192, 512, 1, command == Write ? new byte[512] : null).Should().Be(0);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();

    private string DiskDigest()
    {
        var head = new byte[2 * TestServer.DataBytes];
        var tail = new byte[4096];
        _server.Disk.Read(0, head);
        _server.Disk.Read(TestServer.DiskBytes - tail.Length, tail);
        return Convert.ToHexString(SHA256.HashData([.. head, .. tail]));
    }
}
