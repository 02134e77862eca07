namespace SnapshotGrains.Storage;

/// <summary>
/// Chooses what to evict: S3-FIFO (Yang, Zhang, Qiu, Yue and Vigfusson, "FIFO queues are all you need for cache
/// eviction", SOSP '23), weighted by bytes. New segments enter a small queue with a tenth of the budget; those used
/// again before they reach its end move to the main queue, the others leave and only their names are remembered; a
/// name that comes back goes to the main queue at once. A scan thus passes through the small queue without touching
/// the main one. Leased segments are passed over. Not thread-safe: the cache calls it under its lock.
/// </summary>
internal sealed class S3FifoPolicy(long budgetBytes)
{
    private const int SmallShare = 10;
    private const int UsesToStay = 2;
    private const int MaxFrequency = 3;

    private readonly GhostQueue _ghost = new(budgetBytes - (budgetBytes / SmallShare));

    public SegmentQueue Small { get; } = new();

    public SegmentQueue Main { get; } = new();

    public long Bytes => Small.Bytes + Main.Bytes;

    public void Add(SegmentBuffer buffer) => (_ghost.TakeBack(buffer.Digest) ? Main : Small).AddNewest(buffer);

    /// <summary>
    /// A segment whose residency has ended and whose memory is now the caller's; null when all are leased.
    /// </summary>
    public SegmentBuffer? Evict()
    {
        var smallFirst = Small.Bytes >= budgetBytes / SmallShare;
        return smallFirst
            ? EvictFromSmall() ?? EvictFromMain()
            : EvictFromMain() ?? EvictFromSmall();
    }

    /// <summary>
    /// A segment to make room for one that nobody has asked for yet: one that the policy would give up for any new
    /// segment, but none of those that were loaded ahead themselves and are still to be read; null when there is none.
    /// </summary>
    public SegmentBuffer? EvictUnproven() =>
        Small.Bytes >= budgetBytes / SmallShare ? EvictFromSmall(sparesAhead: true) : null;

    private SegmentBuffer? EvictFromSmall(bool sparesAhead = false)
    {
        for (var steps = Small.Count; steps > 0; steps--)
        {
            var oldest = Small.Oldest!;
            if (oldest.Frequency >= UsesToStay)
            {
                Small.Remove(oldest);
                oldest.ClearFrequency();
                Main.AddNewest(oldest);
            }
            else if (sparesAhead && oldest.IsAhead)
            {
                return null; // it would be the next to go
            }
            else if (oldest.TryEvict())
            {
                Small.Remove(oldest);
                _ghost.Add(oldest.Digest, oldest.ChargeBytes);
                return oldest;
            }
            else
            {
                Small.Rotate(oldest);
            }
        }

        return null;
    }

    private SegmentBuffer? EvictFromMain()
    {
        // Each round takes one use off every segment that has any, so after so many rounds only leases are in the way.
        var limit = (long)Main.Count * (MaxFrequency + 1);
        var leasedInARow = 0;
        for (long steps = 0; steps < limit && leasedInARow < Main.Count; steps++)
        {
            var oldest = Main.Oldest!;
            if (oldest.IsLeased)
            {
                leasedInARow++;
                Main.Rotate(oldest);
                continue;
            }

            leasedInARow = 0;
            if (oldest.Frequency > 0)
            {
                oldest.DecayFrequency();
                Main.Rotate(oldest);
            }
            else if (oldest.TryEvict())
            {
                Main.Remove(oldest);
                return oldest;
            }
        }

        return null;
    }
}
