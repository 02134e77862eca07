using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace SnapshotGrains.Grains.Placement;

/// <summary>Places a grain on the silo whose address is its key.</summary>
internal sealed class NodePlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new OrleansException($"Silo {silo} is not part of the cluster any more.");
    }
}
