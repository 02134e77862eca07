namespace SnapshotGrains.Grains.Placement;

/// <summary>What a silo announces to the cluster about itself as a cache node.</summary>
public static class SiloMetadataKeys
{
    /// <summary>The node's name: stable over restarts, so that a restarted silo gets its segments back.</summary>
    public const string NodeName = "snapshotgrains.node";

    /// <summary>Its cache budget in bytes, decimal: its weight in placement.</summary>
    public const string CacheBytes = "snapshotgrains.cache-bytes";

    /// <summary>Names the directory of its disks' blocks.</summary>
    public const string Home = "snapshotgrains.home";
}
