using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>A silo as a cache node.</summary>
public sealed record CacheNodeOptions
{
    /// <summary>The silo's name: unique in the cluster, stable over restarts.</summary>
    public required string Name { get; init; }

    /// <summary>Budget of its segment cache, in bytes; more than 0.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Whether all of it is taken at the start; default: as segments come.</summary>
    public bool CachePopulate { get; init; }

    /// <summary>
    /// Where base segments are looked for before the image center, and kept for that; the silos of a process share it,
    /// and do not close it. Default: nowhere.
    /// </summary>
    public DiskCache? Disk { get; init; }

    /// <summary>Says where its process is reached by others; null while that starts. Default: nowhere.</summary>
    public Func<NodeEndpoints?> Endpoints { get; init; } = static () => null;

    /// <summary>Says how many distinct base bytes readers needed of its process. Default: none.</summary>
    public Func<long> BytesNeeded { get; init; } = static () => 0;

    /// <summary>Deadline of one segment's load, retries included; default 30 s.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
