using Orleans;

namespace SnapshotGrains.Grains.Batches;

/// <summary>Which disks of a set of names there are.</summary>
internal static class ExistingDisks
{
    /// <summary>The disks on the shards of <paramref name="names"/>, by name: one call a shard.</summary>
    public static async Task<Dictionary<string, DiskInfo>> OfAsync(
        IGrainFactory grains, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var shards = await Task.WhenAll(names.Select(DiskCatalog.ShardOf).Distinct().Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(null, cancellationToken)));
        return shards.SelectMany(disks => disks).ToDictionary(disk => disk.Name, StringComparer.Ordinal);
    }
}
