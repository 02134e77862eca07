using Orleans;

namespace SnapshotGrains;

/// <summary>What a silo has of a derived replica.</summary>
/// <param name="Segments">The replica's segments that hold data, wherever they are.</param>
/// <param name="SourceSegments">The snapshot's own segments that hold data.</param>
/// <param name="ResidentSegments">Segments in this silo's cache.</param>
/// <param name="Store">Names the store on disk, which the silos of a process share.</param>
/// <param name="KeptSegments">Segments in that store.</param>
/// <param name="KeptBytes">Their bytes.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ReplicaShare")]
public sealed record ReplicaShare(
    [property: Id(0)] long Segments,
    [property: Id(1)] long SourceSegments,
    [property: Id(2)] long ResidentSegments,
    [property: Id(3)] Guid Store,
    [property: Id(4)] long KeptSegments,
    [property: Id(5)] long KeptBytes);
