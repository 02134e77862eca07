using Orleans;

namespace SnapshotGrains;

/// <summary>Where a resident segment's bytes can be had.</summary>
/// <param name="Silo">Name of the silo whose cache holds them.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.SegmentLocation")]
public sealed record SegmentLocation([property: Id(0)] string Silo);
