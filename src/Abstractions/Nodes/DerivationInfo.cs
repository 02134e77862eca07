using Orleans;

namespace SnapshotGrains;

/// <summary>What a silo has made of base segments since it started.</summary>
/// <param name="SegmentsDerived">Segments in another stripe format or under another key, each time counted.</param>
/// <param name="SegmentsRederived">Those among them that it had made before: they were evicted in between.</param>
/// <param name="SegmentsEncrypted">Those among them that were encrypted.</param>
/// <param name="SegmentsReloaded">Segments that were read back from disk, where they were kept, and not made again.
/// </param>
/// <param name="SegmentsDamaged">Segments that had been kept and did not have the bytes any more; never served.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DerivationInfo")]
public sealed record DerivationInfo(
    [property: Id(0)] long SegmentsDerived,
    [property: Id(1)] long SegmentsRederived,
    [property: Id(2)] long SegmentsEncrypted,
    [property: Id(3)] long SegmentsReloaded = 0,
    [property: Id(4)] long SegmentsDamaged = 0);
