using Orleans.Runtime;
using Orleans.Runtime.Placement;
using SnapshotGrains.InProcess.Cluster;

namespace SnapshotGrains.InProcess.Placement;

/// <summary>Any silo, or the one that the call hints at.</summary>
internal sealed class RandomDirector(Silo silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos)
            ?? silos[silo.Cluster.Random.Next(silos.Length)]);
    }
}
