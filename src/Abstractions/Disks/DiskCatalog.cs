namespace SnapshotGrains;

/// <summary>How the list of disks is spread over <see cref="IDiskCatalogGrain"/> shards.</summary>
public static class DiskCatalog
{
    /// <summary>
    /// Number of shards. Fixed in the stored data: 64 keeps a shard of a 10,000-disk installation near 20 KiB, so
    /// that one clone rewrites little, while listing everything stays at 64 calls.
    /// </summary>
    public const int Shards = 64;

    /// <summary>The shard that holds <paramref name="name"/>: FNV-1a, stable across processes and versions.</summary>
    public static long ShardOf(string name)
    {
        var hash = 2166136261u;
        foreach (var c in name)
        {
            hash = (hash ^ c) * 16777619u;
        }

        // FNV's low bits are weak for short names that differ in the last digit.
        return (hash ^ (hash >> 15)) % Shards;
    }
}
