using System.Diagnostics;

namespace SnapshotGrains.Testing;

/// <summary>A server of somebody else's that runs beside a test.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int KeptLines = 100;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource _isReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _log = new();
    private readonly Process _process;
    private readonly string _readyText;

    private ServerProcess(string program, string[] arguments, string readyText)
    {
        _readyText = readyText;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Tools.Find(program) ?? program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["LC_ALL"] = "C.UTF-8" },
            },
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _isReady.TrySetException(new InvalidOperationException(
            $"{program} ended before it was ready; it said:\n{Log}"));
    }

    private string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <summary>Starts it and waits until it has said that it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(string readyText, string program, params string[] arguments)
    {
        var server = new ServerProcess(program, arguments, readyText);
        server._process.Start();
        server._process.StandardInput.Close();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            await server._isReady.Task.WaitAsync(StartTimeout);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells it to stop at once, and kills it if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Tools.RunAsync("kill", "-QUIT", $"{_process.Id}");
            using var deadline = new CancellationTokenSource(StopTimeout);
            await _process.WaitForExitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.Enqueue(line ?? "");
            if (_log.Count > KeptLines)
            {
                _log.Dequeue();
            }
        }

        if (line?.Contains(_readyText, StringComparison.Ordinal) == true)
        {
            _isReady.TrySetResult();
        }
    }
}
