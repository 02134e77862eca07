using Npgsql;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>The tables of a cluster in PostgreSQL, and the queries that Orleans reads from there.</summary>
internal static class PostgresSchema
{
    /// <summary>What <c>schema.sql</c> sets up.</summary>
    private const int Version = 1;

    private const string Remedy = "run 'snapgrains cluster init --membership postgres --connection-string SOURCE' "
        + "with the same connection string";

    /// <summary>Sets everything up, or finds it so.</summary>
    public static string Script { get; } = ReadScript();

    /// <summary>Applies <see cref="Script"/>: all of it, or nothing.</summary>
    /// <exception cref="SiloConfigurationException">The user may not create tables there, or they are another
    /// application's.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: the database does not answer.
    /// </exception>
    public static async Task ApplyAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(Script);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException error)
        {
            throw new SiloConfigurationException([$"The database cannot be set up: {error.MessageText}."]);
        }
        catch (NpgsqlException error)
        {
            throw PostgresDatabase.Unavailable(error);
        }
    }

    /// <summary>Makes sure that a database is set up for this build.</summary>
    /// <exception cref="SiloConfigurationException">It is not.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    public static async Task CheckAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var version = await ReadVersionAsync(database, cancellationToken).ConfigureAwait(false);
        if (version != Version)
        {
            throw new SiloConfigurationException(
            [
                version is null
                    ? $"The PostgreSQL database is not set up for snapgrains: {Remedy}."
                    : $"The PostgreSQL database is set up for version {version} of its tables, and this build has "
                    + $"version {Version}: " + (version < Version ? $"{Remedy}." : "use the newer build."),
            ]);
        }
    }

    /// <summary>Null: there is none.</summary>
    private static async Task<int?> ReadVersionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT version FROM snapgrains_schema");
            return (int?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
        catch (NpgsqlException error)
        {
            throw PostgresDatabase.Unavailable(error);
        }
    }

    private static string ReadScript()
    {
        var assembly = typeof(PostgresSchema).Assembly;
        using var script = assembly.GetManifestResourceStream($"{assembly.GetName().Name}.schema.sql")!;
        using var reader = new StreamReader(script);
        return reader.ReadToEnd();
    }
}
