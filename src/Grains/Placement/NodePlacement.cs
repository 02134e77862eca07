using Orleans.Placement;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Placement;

/// <summary>Marks grains that live on the silo that their key names.</summary>
public sealed class NodePlacement : PlacementStrategy;

/// <summary>Places a grain on the silo that its key names.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NodePlacementAttribute() : PlacementAttribute(new NodePlacement());
