using StackExchange.Redis;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Connects to the Redis database of a cluster.</summary>
internal static partial class RedisDatabase
{
    private const string ClientName = "snapgrains";

    /// <summary>Connects once; the connection restores itself later on.</summary>
    /// <exception cref="SiloConfigurationException">The connection string is none.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    public static async Task<IConnectionMultiplexer> OpenAsync(
        ConnectionSource source, CancellationToken cancellationToken)
    {
        var options = Parse(await source.ReadAsync(cancellationToken).ConfigureAwait(false), source);
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisConnectionException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"The Redis database of the cluster cannot be used: {error.Message}", error);
        }
    }

    /// <summary>What, in the server's own settings, may cost metadata that was acknowledged; a sentence each.</summary>
    public static async Task<IReadOnlyList<string>> DangersAsync(IConnectionMultiplexer database)
    {
        var dangers = new List<string>();
        foreach (var server in database.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            if (await SettingAsync(server, "appendonly").ConfigureAwait(false) == "no")
            {
                dangers.Add($"Redis at {server.EndPoint} does not keep its data when it ends: set 'appendonly yes'.");
            }
            else if (await SettingAsync(server, "appendfsync").ConfigureAwait(false) is { } sync and not "always")
            {
                dangers.Add(
                    $"Redis at {server.EndPoint} may lose the last second when its machine fails: 'appendfsync {sync}' "
                    + "is not 'always'.");
            }

            if (await SettingAsync(server, "maxmemory-policy").ConfigureAwait(false) is { } policy and not "noeviction")
            {
                dangers.Add(
                    $"Redis at {server.EndPoint} may throw metadata away when memory is short: 'maxmemory-policy "
                    + $"{policy}' is not 'noeviction'.");
            }
        }

        return dangers;
    }

    [LoggerMessage(1301, LogLevel.Warning, "{Danger}")]
    public static partial void LogDanger(ILogger log, string danger);

    /// <summary>The parser's own message is not shown: it may quote the password.</summary>
    private static ConfigurationOptions Parse(string text, ConnectionSource source)
    {
        try
        {
            var options = ConfigurationOptions.Parse(text);
            options.ClientName ??= ClientName;

            // To ask for the server's settings; nothing is administered.
            options.AllowAdmin = true;
            return options.EndPoints.Count > 0 ? options : throw new ArgumentException("no endpoint");
        }
        catch (ArgumentException)
        {
            throw new SiloConfigurationException(
            [
                $"{source} is not a connection string of Redis; use one like '10.0.0.5:6379,password=…'.",
            ]);
        }
    }

    /// <summary>Null: not told, as by servers that somebody else runs.</summary>
    private static async Task<string?> SettingAsync(IServer server, string name)
    {
        try
        {
            return (await server.ConfigGetAsync(name).ConfigureAwait(false)).FirstOrDefault().Value;
        }
        catch (Exception error) when (error is RedisException or RedisCommandException or TimeoutException)
        {
            return null;
        }
    }
}
