namespace SnapshotGrains.Engine.Tests.Placement;

/// <summary>The key's last digit chooses among the silos in order of port.</summary>
[GenerateSerializer]
[Immutable]
public sealed class ByLastDigitStrategy : PlacementStrategy;
