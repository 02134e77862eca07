using Orleans;
using Orleans.Concurrency;

namespace SnapshotGrains;

/// <summary>
/// The residency of one segment of a snapshot replica: placing its activation chooses the cache node, activating
/// it loads the segment from the image center. Key: <see cref="SegmentKey"/>.
/// </summary>
[Alias("snapgrains.ISegmentGrain")]
public interface ISegmentGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that the segment is in the silo's cache and says where that is.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had: <see cref="ErrorCode.ImageCenterUnavailable"/>,
    /// <see cref="ErrorCode.ImageCorrupt"/>, <see cref="ErrorCode.SegmentTimeout"/>,
    /// <see cref="ErrorCode.CacheExhausted"/>, <see cref="ErrorCode.NotFound"/>.</exception>
    [Alias("Locate")]
    ValueTask<SegmentLocation> LocateAsync(CancellationToken cancellationToken);

    /// <summary>The cache has evicted the segment: deactivate, unless it is resident again.</summary>
    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync();

    /// <summary>Another silo has the segment too, and is to stand for it from now on: deactivate.</summary>
    [AlwaysInterleave, Alias("Move")]
    Task MoveAsync();
}
