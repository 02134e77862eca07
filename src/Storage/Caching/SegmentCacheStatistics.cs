namespace SnapshotGrains.Storage;

/// <summary>A consistent snapshot of a cache's figures. Counters only grow.</summary>
public sealed record SegmentCacheStatistics
{
    /// <summary>Most bytes that the cache may use.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>Bytes of memory in use in whole 4 KiB pages: resident, loading, and dropped but still leased.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Part of <see cref="UsedBytes"/> that readers hold and that cannot be evicted now.</summary>
    public required long LeasedBytes { get; init; }

    /// <summary>Part of <see cref="UsedBytes"/> that loads in flight have reserved.</summary>
    public required long LoadingBytes { get; init; }

    /// <summary>Free memory kept for reuse; together with <see cref="UsedBytes"/> never above the budget.</summary>
    public required long PooledBytes { get; init; }

    /// <summary>Resident segments.</summary>
    public required int Segments { get; init; }

    /// <summary>Leases granted on resident segments.</summary>
    public required long Hits { get; init; }

    /// <summary>
    /// Calls to <c>GetOrLoadAsync</c> that found nothing resident: <see cref="Loads"/> started or joined.
    /// </summary>
    public required long Misses { get; init; }

    /// <summary>Loads started.</summary>
    public required long Loads { get; init; }

    /// <summary>Part of <see cref="Loads"/> that has not ended, whether somebody still waits for it or not.</summary>
    public required int LoadsInFlight { get; init; }

    /// <summary>Loads that ended in an error, except those that nobody waited for any more.</summary>
    public required long LoadFailures { get; init; }

    /// <summary>Calls that joined a load in flight.</summary>
    public required long JoinedLoads { get; init; }

    /// <summary>Segments that made room for others.</summary>
    public required long Evictions { get; init; }

    /// <summary>Segments dropped because their bytes no longer matched their digest.</summary>
    public required long CorruptSegments { get; init; }

    /// <summary>Loads that wait for memory now.</summary>
    public required int WaitingReservations { get; init; }

    /// <summary>Event handlers that threw, against the rules; a fault of this program.</summary>
    public required long HandlerFailures { get; init; }
}
