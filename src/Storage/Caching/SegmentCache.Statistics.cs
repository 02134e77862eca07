namespace SnapshotGrains.Storage;

/// <content>Figures. The counters are guarded by the lock; hits are counted by the leases themselves.</content>
public sealed partial class SegmentCache
{
    private long _misses;
    private long _loadsStarted;
    private long _loadFailures;
    private long _joinedLoads;
    private long _evictions;
    private long _corruptSegments;
    private long _endedHits;
    private long _handlerFailures;

    /// <summary>The cache's figures now. Walks the resident segments: once a second, not once a request.</summary>
    public SegmentCacheStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                var hits = _endedHits;
                var leasedBytes = _dropped.Bytes;
                AddUp(_policy.Small, ref hits, ref leasedBytes);
                AddUp(_policy.Main, ref hits, ref leasedBytes);
                long ignored = 0;
                AddUp(_dropped, ref hits, ref ignored);
                return Figures(hits, leasedBytes);
            }
        }
    }

    /// <summary>Bytes in use now, as in <see cref="SegmentCacheStatistics.UsedBytes"/>; cheap.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    private static void AddUp(SegmentQueue queue, ref long hits, ref long leasedBytes)
    {
        for (var buffer = queue.Oldest; buffer is not null; buffer = buffer.Newer)
        {
            hits += buffer.LeasesGranted;
            leasedBytes += buffer.IsLeased ? buffer.ChargeBytes : 0;
        }
    }

    private SegmentCacheStatistics Figures(long hits, long leasedBytes) => new()
    {
        BudgetBytes = BudgetBytes,
        UsedBytes = _usedBytes,
        LeasedBytes = leasedBytes,
        LoadingBytes = _loadingBytes,
        PooledBytes = _pool.WarmBytes,
        Segments = _policy.Small.Count + _policy.Main.Count,
        Hits = hits,
        Misses = _misses,
        Loads = _loadsStarted,
        LoadsInFlight = _running.Count,
        LoadFailures = _loadFailures,
        JoinedLoads = _joinedLoads,
        Evictions = _evictions,
        CorruptSegments = _corruptSegments,
        WaitingReservations = _waiting.Count,
        HandlerFailures = Interlocked.Read(ref _handlerFailures),
    };

    private CacheExhaustedException Exhausted(CacheExhaustedReason reason, int length, Exception? cause = null) =>
        new(reason, length, Statistics, cause);
}
