using Orleans;

namespace SnapshotGrains;

/// <summary>The right to use a disk's overlay, given to one home at a time.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Epoch">Fences every holder of a lower one; at least 1.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskLease")]
public sealed record DiskLease([property: Id(0)] DiskInfo Disk, [property: Id(1)] long Epoch);
