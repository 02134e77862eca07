namespace SnapshotGrains.Storage;

/// <summary>The cache could not make room for a segment within its budget; carries the figures that say why.</summary>
public sealed class CacheExhaustedException : Exception
{
    /// <summary>Creates the error.</summary>
    public CacheExhaustedException(
        CacheExhaustedReason reason, int lengthBytes, SegmentCacheStatistics statistics,
        Exception? innerException = null)
        : base(Describe(reason, lengthBytes, statistics), innerException)
    {
        Reason = reason;
        LengthBytes = lengthBytes;
        Statistics = statistics;
    }

    /// <summary>Why there was no room.</summary>
    public CacheExhaustedReason Reason { get; }

    /// <summary>Length of the segment that needed room, in bytes.</summary>
    public int LengthBytes { get; }

    /// <summary>The cache's figures at that moment.</summary>
    public SegmentCacheStatistics Statistics { get; }

    /// <summary>True when the same request may succeed later.</summary>
    public bool IsTransient => Reason != CacheExhaustedReason.SegmentTooLarge;

    private static string Describe(CacheExhaustedReason reason, int lengthBytes, SegmentCacheStatistics statistics)
    {
        var why = reason switch
        {
            CacheExhaustedReason.SegmentTooLarge => "it is larger than the whole budget; raise the cache budget",
            CacheExhaustedReason.QueueFull => "too many loads wait for memory; retry, or raise the cache budget",
            CacheExhaustedReason.NothingToSpare => "it is not needed yet, and nothing makes room for such segments",
            _ => "readers held their leases past the deadline; retry, or raise the cache budget",
        };
        return $"No room in the segment cache for {lengthBytes} bytes: {why} (budget {statistics.BudgetBytes}, " +
            $"used {statistics.UsedBytes}, leased {statistics.LeasedBytes}, loading {statistics.LoadingBytes} bytes, " +
            $"{statistics.WaitingReservations} waiting).";
    }
}
