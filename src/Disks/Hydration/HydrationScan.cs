using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>
/// All disks of one parent hydrate in one walk over it: each segment is read once for all that lack it, so a thousand
/// clones cost the image center no more than one. A disk that comes later joins where the walk is and gets the
/// beginning on its next lap. Guarded by the scheduler's gate.
/// </summary>
internal sealed class HydrationScan(ReplicaReader parent)
{
    private readonly HashSet<long> _inFlight = [];
    private long _cursor;

    public ReplicaReader Parent => parent;

    public List<HydrationJob> Jobs { get; } = [];

    private SegmentMap Map => parent.Map;

    /// <summary>A segment that a guest of one of the disks has just waited for.</summary>
    public HydrationUnit? NextTouched()
    {
        foreach (var job in Jobs)
        {
            while (job.TryTakeTouched(out var offset))
            {
                var number = offset / Map.SegmentSizeBytes;
                if (number < Map.SegmentCount && !Map.IsZero(number)
                    && TryTake(number, job => true, OverlaySource.GuestRead) is { } unit)
                {
                    return unit;
                }
            }
        }

        return null;
    }

    /// <summary>The next segment that one of these disks lacks; null when all are there or under way.</summary>
    public HydrationUnit? Next(Predicate<HydrationJob> who)
    {
        if (!Jobs.Exists(who))
        {
            return null;
        }

        var start = _cursor;
        for (var lap = 0; lap < 2; lap++)
        {
            var end = lap == 0 ? Map.SegmentCount : start;
            for (var n = Map.NextData(lap == 0 ? start : 0); n < end; n = Map.NextData(n + 1))
            {
                if (TryTake(n, who, OverlaySource.Hydrated) is { } unit)
                {
                    _cursor = n + 1;
                    return unit;
                }
            }
        }

        return null;
    }

    public void Finish(HydrationUnit unit) => _inFlight.Remove(unit.Number);

    private HydrationUnit? TryTake(long number, Predicate<HydrationJob> who, OverlaySource source)
    {
        if (_inFlight.Contains(number))
        {
            return null;
        }

        var offset = number * Map.SegmentSizeBytes;
        var length = Map.LengthOf(number);
        if (!Jobs.Exists(job => who(job) && job.Needs(offset, length)))
        {
            return null;
        }

        // Whoever lacks it gets it, also those who were not the reason to read it.
        _inFlight.Add(number);
        var jobs = Jobs.FindAll(job => job.Needs(offset, length));
        return new HydrationUnit(this, number, offset, length, source, jobs);
    }
}
