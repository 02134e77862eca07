namespace SnapshotGrains.Testing;

/// <summary>A Redis of a test's own, on a free port of the loopback network.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>The program that tests ask for with <see cref="RequiresToolFactAttribute"/>.</summary>
    public const string Tool = "redis-server";

    /// <summary>Its password, to look for where it may not be.</summary>
    public const string Password = "pw-0b9e47d2c6f1a358";

    private readonly TempDirectory _directory = new();
    private readonly int _port = FreePorts.One();
    private ServerProcess _process = null!;
    private int _databases;

    private RedisServer()
    {
    }

    /// <summary>Starts one, as reliable as a cluster wants it or, unless told otherwise, not.</summary>
    public static async Task<RedisServer> StartAsync(bool isReliable = false)
    {
        var server = new RedisServer();
        try
        {
            server._process = await ServerProcess.StartAsync(
                "Ready to accept connections",
                Tool,
                "--port", $"{server._port}", "--bind", "127.0.0.1", "--dir", server._directory.Path, "--save", "",
                "--appendonly", isReliable ? "yes" : "no", "--appendfsync", isReliable ? "always" : "no",
                "--requirepass", Password);
            return server;
        }
        catch
        {
            server._directory.Dispose();
            throw;
        }
    }

    /// <summary>An empty database; there are 16.</summary>
    /// <returns>Its connection string.</returns>
    public string CreateDatabase() =>
        $"127.0.0.1:{_port},password={Password},defaultDatabase={Interlocked.Increment(ref _databases) - 1}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
