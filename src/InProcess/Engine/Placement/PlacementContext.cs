using Orleans.Runtime;
using Orleans.Runtime.Placement;
using SnapshotGrains.InProcess.Cluster;

namespace SnapshotGrains.InProcess.Placement;

/// <inheritdoc />
internal sealed class PlacementContext(Silo local) : IPlacementContext
{
    public SiloAddress LocalSilo => local.Address;

    public SiloStatus LocalSiloStatus => local.Status;

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        var active = local.Cluster.ActiveSilos;
        return active.Length > 0
            ? Array.ConvertAll(active, silo => silo.Address)
            : throw new OrleansException($"There are no active silos to place {target.GrainIdentity} on.");
    }
}
