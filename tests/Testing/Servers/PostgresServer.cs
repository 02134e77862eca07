namespace SnapshotGrains.Testing;

/// <summary>A PostgreSQL of a test's own, on a free port of the loopback network, that flushes nothing.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The program that tests ask for with <see cref="RequiresToolFactAttribute"/>.</summary>
    public const string Tool = "postgres";

    /// <summary>The password of its user, to look for where it may not be.</summary>
    public const string Password = "pw-6d1f0c9be2a84375";

    private const string User = "snapgrains";

    private readonly TempDirectory _directory = new();
    private readonly int _port = FreePorts.One();
    private ServerProcess _process = null!;
    private int _databases;

    private PostgresServer()
    {
    }

    private string Data => _directory["postgres"];

    /// <summary>Makes a new one. It runs as the user postgres where the tests run as root, whom it refuses.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        try
        {
            await server.InitializeAsync();
            var (program, arguments) = Unprivileged(
                Tool, "-D", server.Data, "-p", $"{server._port}", "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200");
            server._process = await ServerProcess.StartAsync("ready to accept connections", program, arguments);
            return server;
        }
        catch
        {
            server._directory.Dispose();
            throw;
        }
    }

    /// <summary>An empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await RunAsync("postgres", $"CREATE DATABASE {name}");
        return $"Host=127.0.0.1;Port={_port};Username={User};Password={Password};Database={name}";
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>What psql prints: a line a row, its columns apart by '|'.</returns>
    public async Task<string> RunAsync(string database, string sql)
    {
        var run = await Tools.RunAsync(
            "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql,
            $"postgresql://{User}:{Password}@127.0.0.1:{_port}/{database}");
        return run.ShouldSucceed().Output.Trim();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private async Task InitializeAsync()
    {
        // Others may pass through, as the server's user must.
        (await Tools.RunAsync("chmod", "711", _directory.Path)).ShouldSucceed();
        Directory.CreateDirectory(Data);
        var passwordFile = _directory["password"];
        await File.WriteAllTextAsync(passwordFile, Password);
        (await Tools.RunAsync("chmod", "644", passwordFile)).ShouldSucceed();
        if (Environment.IsPrivilegedProcess)
        {
            (await Tools.RunAsync("chown", "postgres", Data)).ShouldSucceed();
        }

        var (program, arguments) = Unprivileged(
            "initdb", "-D", Data, "-U", User, "-A", "scram-sha-256", $"--pwfile={passwordFile}", "--no-sync");
        (await Tools.RunAsync(program, arguments)).ShouldSucceed();
    }

    private static (string Program, string[] Arguments) Unprivileged(string tool, params string[] arguments)
    {
        var program = Tools.Find(tool) ?? throw new FileNotFoundException($"'{tool}' is not installed.", tool);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments])
            : (program, arguments);
    }
}
