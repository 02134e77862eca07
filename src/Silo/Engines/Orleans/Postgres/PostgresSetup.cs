namespace SnapshotGrains.Silo.Hosting;

/// <summary>Creates the tables of a cluster.</summary>
internal sealed class PostgresSetup : IClusterSetup
{
    public string? Script => PostgresSchema.Script;

    public async Task<IReadOnlyList<string>> ApplyAsync(ConnectionSource source, CancellationToken cancellationToken)
    {
        await using var database = await PostgresDatabase.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        await PostgresSchema.ApplyAsync(database, cancellationToken).ConfigureAwait(false);
        return [];
    }
}
