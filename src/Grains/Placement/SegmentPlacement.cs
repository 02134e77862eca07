using Orleans.Placement;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Placement;

/// <summary>Marks grains whose silo is chosen by <see cref="SegmentPlacementDirector"/>.</summary>
public sealed class SegmentPlacement : PlacementStrategy;

/// <summary>Places a grain by the content digest in its key.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SegmentPlacementAttribute() : PlacementAttribute(new SegmentPlacement());
