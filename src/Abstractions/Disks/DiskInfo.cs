using Orleans;

namespace SnapshotGrains;

/// <summary>A disk, as listings show it.</summary>
/// <param name="Name">Its name, also its NBD export name.</param>
/// <param name="Parent">The snapshot it was cloned from.</param>
/// <param name="SizeBytes">Logical size, in bytes.</param>
/// <param name="SegmentSizeBytes">Segment size, in bytes.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="CreatedAt">When it was cloned.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskInfo")]
public sealed record DiskInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] SnapshotId Parent,
    [property: Id(2)] long SizeBytes,
    [property: Id(3)] int SegmentSizeBytes,
    [property: Id(4)] DiskState State,
    [property: Id(5)] DateTimeOffset CreatedAt);
