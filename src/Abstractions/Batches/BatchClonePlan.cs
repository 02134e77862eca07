using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>What a batch clone would do and cost (dry run). Figures are of the disks that it would create.</summary>
/// <param name="Disks">Disks that it would create.</param>
/// <param name="AlreadyThere">Disks that are there already as clones of the snapshot.</param>
/// <param name="Conflicts">Disks whose names are taken: they would fail.</param>
/// <param name="ConflictingDisks">The first <see cref="MaxConflictsListed"/> of those, by name.</param>
/// <param name="ImageBytes">Logical size of each disk, in bytes.</param>
/// <param name="DataBytes">Bytes that one disk stores when it is hydrated: the snapshot's data.</param>
/// <param name="StateBytes">Metadata that the cluster stores for all of them, in bytes.</param>
/// <param name="OverlayBytesIfHydrated">Bytes in overlays once all are hydrated, block maps included.</param>
/// <param name="OriginBytes">Bytes to read from the image center for that: distinct data, once.</param>
/// <param name="MemoryBytes">Memory of the maps when all are hydrated and attached; caches not counted.</param>
/// <param name="EstimatedSeconds">Time to create them, at the rate of recent batches.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.BatchClonePlan")]
public sealed record BatchClonePlan(
    [property: Id(0)] int Disks,
    [property: Id(1)] int AlreadyThere,
    [property: Id(2)] int Conflicts,
    [property: Id(3)] ImmutableArray<string> ConflictingDisks,
    [property: Id(4)] long ImageBytes,
    [property: Id(5)] long DataBytes,
    [property: Id(6)] long StateBytes,
    [property: Id(7)] long OverlayBytesIfHydrated,
    [property: Id(8)] long OriginBytes,
    [property: Id(9)] long MemoryBytes,
    [property: Id(10)] double EstimatedSeconds)
{
    /// <summary>Most names in <see cref="ConflictingDisks"/>.</summary>
    public const int MaxConflictsListed = 100;
}
