using Orleans;

namespace SnapshotGrains;

/// <summary>Where a resident segment's bytes can be had.</summary>
/// <param name="Silo">Name of the silo whose cache holds them.</param>
/// <param name="LengthBytes">The segment's length: the segment size, less for an image's last segment.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.SegmentLocation")]
public sealed record SegmentLocation([property: Id(0)] string Silo, [property: Id(1)] int LengthBytes);
