using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace SnapshotGrains.InProcess.Placement;

/// <summary>By the grain id's hash over the silos in order.</summary>
internal sealed class HashBasedDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        Array.Sort(silos);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos)
            ?? silos[target.GrainIdentity.GetUniformHashCode() % (uint)silos.Length]);
    }
}
