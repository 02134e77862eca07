using Orleans.Placement;

namespace SnapshotGrains.Engine.Tests.Placement;

[HashBasedPlacement]
public sealed class HashedGrain(ILocalSiloDetails silo) : PlacedGrain(silo);
