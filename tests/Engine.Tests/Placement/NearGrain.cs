using Orleans.Placement;

namespace SnapshotGrains.Engine.Tests.Placement;

[PreferLocalPlacement]
public sealed class NearGrain(ILocalSiloDetails silo) : PlacedGrain(silo);
