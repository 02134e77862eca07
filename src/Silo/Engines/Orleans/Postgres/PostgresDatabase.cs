using Npgsql;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Connects to the database of a cluster.</summary>
internal static class PostgresDatabase
{
    /// <summary>Of the 100 connections that PostgreSQL allows by default, three nodes leave 40.</summary>
    private const int MaxConnections = 20;

    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;
    private const int KeepAliveSeconds = 10;

    /// <summary>What trying again does not help against: user, password, rights, no such database.</summary>
    private static readonly string[] Refusals =
    [
        PostgresErrorCodes.InvalidAuthorizationSpecification, PostgresErrorCodes.InvalidPassword,
        PostgresErrorCodes.InvalidCatalogName, PostgresErrorCodes.InsufficientPrivilege,
    ];

    /// <summary>Connects, with limits where the connection string sets none.</summary>
    /// <exception cref="SiloConfigurationException">The connection string is none, or the database refuses it.
    /// </exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    public static async Task<NpgsqlDataSource> OpenAsync(ConnectionSource source, CancellationToken cancellationToken)
    {
        var text = await source.ReadAsync(cancellationToken).ConfigureAwait(false);
        var database = NpgsqlDataSource.Create(Parse(text, source));
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            return database;
        }
        catch (Exception error)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            if (error is PostgresException { SqlState: var state } && Refusals.Contains(state))
            {
                throw new SiloConfigurationException(
                    [$"The PostgreSQL database of {source} refuses the connection: {error.Message}"]);
            }

            if (error is NpgsqlException or TimeoutException)
            {
                throw Unavailable(error);
            }

            throw;
        }
    }

    /// <summary>Says what a failure of the database means.</summary>
    public static SnapshotGrainsException Unavailable(Exception error) => new(
        ErrorCode.SiloUnavailable,
        $"The PostgreSQL database of the cluster cannot be used: {error.Message}"
        + (error.InnerException is { } cause ? $" ({cause.Message})" : ""),
        error);

    /// <summary>The parser's own message is not shown: it may quote the password.</summary>
    private static NpgsqlConnectionStringBuilder Parse(string text, ConnectionSource source)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            SetUnless(parsed, "Application Name", "snapgrains");
            SetUnless(parsed, "Maximum Pool Size", MaxConnections);
            SetUnless(parsed, "Timeout", ConnectSeconds);
            SetUnless(parsed, "Command Timeout", CommandSeconds);
            SetUnless(parsed, "Keepalive", KeepAliveSeconds);
            return parsed;
        }
        catch (ArgumentException)
        {
            throw new SiloConfigurationException(
            [
                $"{source} is not a connection string of PostgreSQL; use one like "
                + "'Host=10.0.0.5;Database=snapgrains;Username=snapgrains;Password=…'.",
            ]);
        }
    }

    private static void SetUnless(NpgsqlConnectionStringBuilder given, string keyword, object value)
    {
        if (!given.Keys.Contains(keyword, StringComparer.OrdinalIgnoreCase))
        {
            given[keyword] = value;
        }
    }
}
