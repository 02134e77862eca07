namespace SnapshotGrains.Storage;

/// <summary>Why the cache could not make room for a segment.</summary>
public enum CacheExhaustedReason
{
    /// <summary>The segment alone is larger than the whole budget: it can never be cached. Not transient.</summary>
    SegmentTooLarge,

    /// <summary>Too many loads wait for memory already.</summary>
    QueueFull,

    /// <summary>The segment is not needed yet, and what is in the cache is worth more.</summary>
    NothingToSpare,

    /// <summary>The caller's deadline, or the cache's own limit, ended before enough leases were given back.</summary>
    TimedOut,
}
