using Orleans;
using Orleans.Concurrency;

namespace SnapshotGrains;

/// <summary>
/// The residency of one segment of a snapshot replica: placing its activation chooses the cache node, the first
/// call to it loads the segment from the image center. Key: <see cref="SegmentKey"/>.
/// </summary>
[Alias("snapgrains.ISegmentGrain")]
public interface ISegmentGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that the segment is in the silo's cache and says where that is.</summary>
    /// <param name="urgency">Why it is wanted; a call that joins a less urgent load makes that more urgent.</param>
    /// <param name="cancellationToken">Ends the wait; the load ends when nobody waits for it.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had: <see cref="ErrorCode.ImageCenterUnavailable"/>,
    /// <see cref="ErrorCode.ImageCorrupt"/>, <see cref="ErrorCode.SegmentTimeout"/>,
    /// <see cref="ErrorCode.CacheExhausted"/>, <see cref="ErrorCode.NotFound"/>.</exception>
    [AlwaysInterleave, Alias("Locate")]
    ValueTask<SegmentLocation> LocateAsync(SegmentUrgency urgency, CancellationToken cancellationToken);

    /// <summary>The cache has evicted the segment: deactivate, unless it is resident again.</summary>
    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync();

    /// <summary>Another silo has the segment too, and is to stand for it from now on: deactivate.</summary>
    [AlwaysInterleave, Alias("Move")]
    Task MoveAsync();
}
