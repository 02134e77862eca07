using Orleans;

namespace SnapshotGrains;

/// <summary>Which process keeps a disk's own blocks now.</summary>
/// <param name="Node">Name of the silo that the disk's grain lives on.</param>
/// <param name="Process">Identifies the silo's process; another one after each start.</param>
/// <param name="Endpoints">Where that process is reached; null while it starts.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskLocation")]
public sealed record DiskLocation(
    [property: Id(0)] string Node, [property: Id(1)] Guid Process, [property: Id(2)] NodeEndpoints? Endpoints);
