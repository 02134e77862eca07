using Orleans.Runtime;
using Orleans.Runtime.Placement;
using SnapshotGrains.InProcess.Cluster;

namespace SnapshotGrains.InProcess.Placement;

/// <summary>The placing silo if it takes activations, otherwise any.</summary>
internal sealed class PreferLocalDirector(Silo silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos)
            ?? (silos.Contains(context.LocalSilo) ? context.LocalSilo : silos[silo.Cluster.Random.Next(silos.Length)]));
    }
}
