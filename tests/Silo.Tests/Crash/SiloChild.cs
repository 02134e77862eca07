using System.Diagnostics;
using System.Text.Json;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Crash;

/// <summary>
/// <c>snapgrains silo</c> as a process of its own, that can be killed. Starts again on the same directory.
/// </summary>
internal sealed class SiloChild : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromMinutes(1);

    private readonly TempDirectory _directory = new();
    private readonly Queue<string> _log = new();
    private Process? _process;
    private Task _logging = Task.CompletedTask;

    /// <summary>Options of the command line, besides those that say where things are.</summary>
    public string[] Options { get; init; } = [];

    /// <summary>Environment variables of the process.</summary>
    public Dictionary<string, string> Environment { get; init; } = [];

    /// <summary>What the client shows, and whom it trusts.</summary>
    public ClientOptions ClientOptions { get; init; } = new();

    /// <summary>Where its NBD server listens besides the socket; else nowhere.</summary>
    public string Nbd { get; init; } = "";

    /// <summary>Where its HTTP API listens; a free port at each start, unless it is to be found again.</summary>
    public string Http { get; init; } = "127.0.0.1:0";

    /// <summary>How much of its log is kept, in lines.</summary>
    public int KeptLines { get; init; } = 60;

    /// <summary>Where the silo keeps everything.</summary>
    public string Data => _directory["data"];

    public int ProcessId => _process!.Id;

    /// <summary>Whether it has ended, by itself or as it was told; true while it was not started.</summary>
    public bool HasEnded => _process?.HasExited ?? true;

    /// <summary>Null while it has not started.</summary>
    public SnapshotGrainsClient Remote { get; private set; } = null!;

    public HttpControlPlane Api => (HttpControlPlane)Remote.Control;

    /// <summary>What the silo said last.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    private string Socket => _directory["nbd.sock"];

    public static async Task<SiloChild> StartNewAsync()
    {
        var child = new SiloChild();
        await child.StartAsync();
        return child;
    }

    /// <summary>Starts the process and waits until it serves.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(Describe())!;
        var (process, started) = (_process, _process.StandardOutput.ReadLineAsync());
        _logging = KeepLogAsync(process);
        var line = await started.WaitAsync(StartTimeout);
        if (line is null)
        {
            await process.WaitForExitAsync();
            await _logging;
            throw new InvalidOperationException($"The silo did not start; it said:\n{Log}");
        }

        var http = JsonDocument.Parse(line).RootElement.GetProperty("http").GetString()!;
        Remote = SnapshotGrainsClient.Connect(new Uri(http), ClientOptions);
    }

    /// <summary>SIGKILL: nothing is closed, nothing is flushed. Does nothing when it does not run.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _logging;
        _process.Dispose();
        _process = null;
        if (Remote is not null)
        {
            await Remote.DisposeAsync();
        }
    }

    /// <summary>SIGTERM: it leaves in order, and hands over what it has.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process!.WaitForExitAsync().WaitAsync(StartTimeout);
        await KillAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForEndAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(EndTimeout);
        await _logging;
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: its connections are there, and nothing comes through them.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    public Task<NbdClient> ConnectAsync(string export) =>
        NbdClient.ConnectAsync(new NbdUri { SocketPath = Socket, ExportName = export });

    /// <summary>Imports a content.</summary>
    public Task ImportAsync(string snapshot, byte[] content, int? segmentSizeBytes = null) => Api.ImportImageAsync(
        SnapshotId.Parse(snapshot), new ByteArrayContent(content), segmentSizeBytes, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    /// <summary>
    /// The program next to the tests. A file that grows beyond a limit of the system is an error of the write then,
    /// not the end of the process.
    /// </summary>
    private ProcessStartInfo Describe()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "snapgrains.dll");
        var start = new ProcessStartInfo(
            "/bin/sh",
            [
                "-c", "trap '' XFSZ; exec \"$@\"", "sh",
                System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", program, "silo", "--json",
                "--data", Data, "--http", Http, "--nbd", Nbd, "--nbd-socket", Socket, .. Options,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    private async Task KeepLogAsync(Process process)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.Enqueue(line);
                if (_log.Count > KeptLines)
                {
                    _log.Dequeue();
                }
            }
        }
    }
}
