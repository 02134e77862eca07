namespace SnapshotGrains.Silo.Hosting;

/// <summary>Redis needs no tables; what its own settings endanger can be said before they cost something.</summary>
internal sealed class RedisSetup : IClusterSetup
{
    public string? Script => null;

    public async Task<IReadOnlyList<string>> ApplyAsync(ConnectionSource source, CancellationToken cancellationToken)
    {
        await using var database = await RedisDatabase.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        return await RedisDatabase.DangersAsync(database).ConfigureAwait(false);
    }
}
