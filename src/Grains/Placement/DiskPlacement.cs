using Orleans.Placement;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Placement;

/// <summary>Marks grains whose silo is chosen by <see cref="DiskPlacementDirector"/>.</summary>
public sealed class DiskPlacement : PlacementStrategy;

/// <summary>Places a disk's grain on a silo that has the disk's own blocks.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DiskPlacementAttribute() : PlacementAttribute(new DiskPlacement());
