using Orleans;

namespace SnapshotGrains;

/// <summary>An image of the image center, as listings show it.</summary>
/// <param name="Id">Its name, <c>name@snap</c>.</param>
/// <param name="SizeBytes">Logical size, in bytes.</param>
/// <param name="SegmentSizeBytes">Segment size, in bytes.</param>
/// <param name="Segments">Number of segments, the short last one included.</param>
/// <param name="ZeroSegments">Segments that are all zero: never stored nor fetched.</param>
/// <param name="DistinctSegments">Segments with data, equal content counted once.</param>
/// <param name="StoredBytes">Bytes that this image added to the image center.</param>
/// <param name="CreatedAt">When it was imported.</param>
/// <param name="Disks">Disks that need it; -1 where the listing does not count them.</param>
/// <param name="IsDeleting">Whether it is deleted as soon as no disk needs it.</param>
/// <param name="Key">The key that its segments are encrypted under, in the image center too; null for none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ImageInfo")]
public sealed record ImageInfo(
    [property: Id(0)] SnapshotId Id,
    [property: Id(1)] long SizeBytes,
    [property: Id(2)] int SegmentSizeBytes,
    [property: Id(3)] long Segments,
    [property: Id(4)] long ZeroSegments,
    [property: Id(5)] long DistinctSegments,
    [property: Id(6)] long StoredBytes,
    [property: Id(7)] DateTimeOffset CreatedAt,
    [property: Id(8)] int Disks = -1,
    [property: Id(9)] bool IsDeleting = false,
    [property: Id(10)] KeyRef? Key = null);
