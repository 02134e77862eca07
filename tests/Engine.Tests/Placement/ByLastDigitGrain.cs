namespace SnapshotGrains.Engine.Tests.Placement;

[ByLastDigit]
public sealed class ByLastDigitGrain(ILocalSiloDetails silo) : PlacedGrain(silo);
