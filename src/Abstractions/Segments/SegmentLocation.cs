using Orleans;

namespace SnapshotGrains;

/// <summary>Where a resident segment's bytes can be had.</summary>
/// <param name="Silo">Name of the silo whose cache holds them.</param>
/// <param name="Http">HTTP address of that silo's process, for readers in other ones; null while that starts.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.SegmentLocation")]
public sealed record SegmentLocation([property: Id(0)] string Silo, [property: Id(1)] Uri? Http = null);
