using Orleans;

namespace SnapshotGrains;

/// <summary>What a silo has made of base segments since it started.</summary>
/// <param name="SegmentsDerived">Segments in another stripe format or under another key, each time counted.</param>
/// <param name="SegmentsRederived">Those among them that it had made before: they were evicted in between.</param>
/// <param name="SegmentsEncrypted">Those among them that were encrypted.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DerivationInfo")]
public sealed record DerivationInfo(
    [property: Id(0)] long SegmentsDerived,
    [property: Id(1)] long SegmentsRederived,
    [property: Id(2)] long SegmentsEncrypted);
