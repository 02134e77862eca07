using System.Net;
using System.Net.Sockets;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>Listening, limits, deadlines, counters and stopping.</summary>
public sealed class NbdServerTests
{
    /// <summary>One server on TCP and on a Unix socket serves the same exports; the socket file goes with it.</summary>
    [Fact]
    public async Task Listens_on_tcp_and_unix()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "nbd.sock");
        var server = new TestServer(o => o with
        {
            Endpoints = [new IPEndPoint(IPAddress.Loopback, 0), new UnixDomainSocketEndPoint(path)],
        });
        foreach (var endpoint in server.Server.Endpoints)
        {
            using var peer = new NbdPeer(endpoint);
            peer.Enter("ro").ShouldStillServe();
        }

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(path).Should().HaveFlag(UnixFileMode.GroupWrite)
                .And.NotHaveFlag(UnixFileMode.OtherRead);
        }

        await server.DisposeAsync();
        File.Exists(path).Should().BeFalse();
    }

    /// <summary>A socket file that a killed server left is replaced.</summary>
    [Fact]
    public async Task Stale_socket_file_is_replaced()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "nbd.sock");
        LeaveStaleSocket(path);

        await using var server = new TestServer(o => o with { Endpoints = [new UnixDomainSocketEndPoint(path)] });

        server.ShouldServeNextClient();
    }

    /// <summary>
    /// A living server's socket, a plain file, a folder and a path too long are errors; nothing is lost.
    /// </summary>
    [Fact]
    public async Task Socket_path_that_is_taken_is_an_error()
    {
        using var folder = new TempDirectory();
        var alive = Path.Combine(folder.Path, "alive.sock");
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "precious");
        await using var server = new TestServer(o => o with { Endpoints = [new UnixDomainSocketEndPoint(alive)] });

        Starting(alive).Should().Throw<IOException>().WithMessage($"*listens on*{alive}*");
        Starting(file).Should().Throw<IOException>().WithMessage("*not a socket*");
        Starting(folder.Path).Should().Throw<IOException>().WithMessage("*directory*");

        (await File.ReadAllTextAsync(file)).Should().Be("precious");
        server.ShouldServeNextClient();
    }

    /// <summary>A TCP port that is taken is an error that names it, and no other address stays bound.</summary>
    [Fact]
    public async Task Port_that_is_taken_is_an_error()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "nbd.sock");
        await using var server = new TestServer();
        var second = new NbdServer(new NbdExportTable(), new NbdServerOptions
        {
            Endpoints = [new UnixDomainSocketEndPoint(path), server.Endpoint],
        });

        second.Invoking(s => s.Start()).Should().Throw<IOException>().WithMessage($"*{server.Endpoint}*");

        File.Exists(path).Should().BeFalse();
    }

    /// <summary>Connections over the limit are closed at once; when one ends there is room again.</summary>
    [Fact]
    public async Task Connections_are_bounded()
    {
        await using var server = new TestServer(o => o with { MaxConnections = 2 });
        var first = server.Connect().Greet();
        using var second = server.Connect();
        second.Greet();
        using (var third = server.Connect())
        {
            third.ShouldBeClosed();
        }

        first.Dispose();
        await server.CloseReasonsAsync(1);
        server.ShouldServeNextClient();
        server.Server.GetStatistics().RefusedConnections.Should().Be(1);
    }

    /// <summary>
    /// A client that does not finish its handshake is cut off at the deadline; one in transmission is not.
    /// </summary>
    [Fact]
    public async Task Handshake_has_a_deadline()
    {
        await using var server = new TestServer(o => o with { HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        using var entered = server.Connect();
        entered.Enter("ro");
        using var silent = server.Connect();
        silent.Greet().Send(NbdPeer.Option(7)[..10]);

        silent.ShouldBeClosed();

        (await server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.HandshakeTimeout);
        entered.ShouldStillServe();
    }

    /// <summary>A provider that hangs is left at the deadline; the export that opens too late is disposed.</summary>
    [Fact]
    public async Task Hanging_provider_is_left_at_the_deadline()
    {
        var provider = new HangingProvider();
        await using var server = new TestServer(
            o => o with { HandshakeTimeout = TimeSpan.FromMilliseconds(200) }, provider);
        using var peer = server.Connect();
        peer.Greet().Send(NbdPeer.Option(7, NbdPeer.Go("x")));

        peer.ShouldBeClosed();
        (await server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.HandshakeTimeout);
        var late = new ScriptedExport();
        provider.Opening.SetResult(late);

        await late.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Counters tell requests by command, failures and bytes, of ended connections too.</summary>
    [Fact]
    public async Task Statistics_add_up()
    {
        await using var server = new TestServer();
        using (var peer = server.Connect())
        {
            peer.Enter("rw").Simple(0, 0, 4096);
            peer.Read(4096);
            peer.Simple(1, 0, 512, 0, new byte[512]);
            peer.Simple(3);
            peer.Simple(0, 0, 0);
            peer.Simple(1000);
            peer.SendRequest(2);
            peer.ShouldBeClosed();
        }

        await server.CloseReasonsAsync(1);
        var statistics = server.Server.GetStatistics();
        statistics.Requests.Should().BeEquivalentTo(new Dictionary<NbdCommand, long>
        {
            [NbdCommand.Read] = 2, [NbdCommand.Write] = 1, [NbdCommand.Flush] = 1, [NbdCommand.Disconnect] = 1,
        });
        (statistics.UnknownRequests, statistics.FailedRequests).Should().Be((1, 2));
        (statistics.BytesRead, statistics.BytesWritten).Should().Be((4096, 512));
        (statistics.AcceptedConnections, statistics.OpenConnections).Should().Be((1, 0));
    }

    /// <summary>Settings out of range are refused when the server is made, by name.</summary>
    [Fact]
    public void Settings_are_checked()
    {
        NbdServerOptions good = new() { Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)] };
        NbdServerOptions[] bad =
        [
            good with { Endpoints = [] }, good with { MaxConnections = 0 }, good with { MaxInFlightRequests = 0 },
            good with { HandshakeTimeout = TimeSpan.Zero }, good with { PollTime = TimeSpan.FromSeconds(1) },
            good with { TlsMode = NbdTlsMode.Required }, good with { ThreadStackBytes = 1 },
        ];
        foreach (var options in bad)
        {
            var create = () => new NbdServer(new NbdExportTable(), options);
            create.Should().Throw<ArgumentException>();
        }
    }

    /// <summary>Hundreds of connections that come and go leave no thread, export or connection behind.</summary>
    [Fact]
    public async Task Connections_leave_nothing_behind()
    {
        await using var server = new TestServer();
        for (var i = 0; i < 300; i++)
        {
            using var peer = server.Connect();
            peer.Enter("ro").ShouldStillServe();
        }

        await server.CloseReasonsAsync(300);
        server.Server.GetStatistics().OpenConnections.Should().Be(0);
        server.Provider.Disposals.Should().Be(server.Provider.Opens);
    }

    private static Action Starting(string path) => () => new NbdServer(new NbdExportTable(), new NbdServerOptions
    {
        Endpoints = [new UnixDomainSocketEndPoint(path)],
    }).Start();

    /// <summary>A bound socket whose file stays when its process dies: bound in another folder, then moved.</summary>
    private static void LeaveStaleSocket(string path)
    {
        var bound = path + ".bound";
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(bound));
            socket.Listen();
            File.Move(bound, path);
        }

        File.Exists(path).Should().BeTrue();
    }

    private sealed class HangingProvider : INbdExportProvider
    {
        public TaskCompletionSource<INbdExport?> Opening { get; } = new();

        public ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct) => new([]);

        public ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct) => new(Opening.Task);
    }

    /// <summary>A callback of the back end that throws when cancelled does not keep the server from stopping.</summary>
    [Fact]
    public async Task Throwing_callback_does_not_stop_the_stop()
    {
        var export = new ScriptedExport
        {
            OnRead = token => token.Register(() => throw new InvalidOperationException("a callback of the back end")),
        };
        await using var server = new TestServer(
            o => o with { DrainTimeout = TimeSpan.FromMilliseconds(100) },
            new NbdExportTable().Add("scripted", () => export));
        using var peer = server.Connect();
        peer.Enter("scripted").SendRequest(0, 0, 4);
        await export.StartedAsync(1);

        await server.Server.StopAsync();

        await export.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        (await server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.ServerStopping);
    }
}
