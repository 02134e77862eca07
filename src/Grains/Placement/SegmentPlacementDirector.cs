using Orleans.Runtime;
using Orleans.Runtime.Placement;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Placement;

/// <summary>
/// Chooses the cache node of a segment: weighted rendezvous hashing of its content digest over the silos that can
/// host it, weight = configured cache bytes. A silo that leaves moves only its own segments; one that joins takes
/// only its share. The columns of a striped replica's set go to the silos that the set ranks first, so that each lands
/// on another one.
/// </summary>
internal sealed class SegmentPlacementDirector(CacheNodes nodes) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, compatible) is { } hint)
        {
            return Task.FromResult(hint);
        }

        var key = SegmentKey.Parse(target.GrainIdentity.Key.ToString()!);
        return Task.FromResult(nodes.Choose(Digest.Parse(key.PlacementHex), key.Column, compatible));
    }
}
