using Orleans;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Disks;

/// <summary>What a shard of the disk catalog stores.</summary>
[GenerateSerializer, Alias("snapgrains.DiskCatalogState")]
public sealed class DiskCatalogState : StampedState
{
    /// <summary>The shard's disks by name.</summary>
    [Id(0)]
    public Dictionary<string, DiskInfo> Disks { get; set; } = new(StringComparer.Ordinal);
}
