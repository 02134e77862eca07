using Orleans.Placement;

namespace SnapshotGrains.Engine.Tests.Placement;

[AttributeUsage(AttributeTargets.Class)]
public sealed class ByLastDigitAttribute() : PlacementAttribute(new ByLastDigitStrategy());
