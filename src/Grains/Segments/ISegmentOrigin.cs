using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>Where a kind of segment comes from when it is not resident.</summary>
internal interface ISegmentOrigin
{
    /// <summary>
    /// Finds out how a segment is to be had. Dispose the plan after the load: loads that need other segments are
    /// limited, and wait here before they reserve memory.
    /// </summary>
    /// <exception cref="SnapshotGrainsException">There is no such segment, or it cannot be had.</exception>
    ValueTask<SegmentPlan> PlanAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken);
}
