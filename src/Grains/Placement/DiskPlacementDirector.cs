using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace SnapshotGrains.Grains.Placement;

/// <summary>
/// Places a disk's grain where the disk's own blocks are: on a silo whose directory has them, by rendezvous hashing of
/// the name where several share it; for a disk that was never used, on any silo. The catalog is asked for the disk's
/// home; it is not in the key, because a clone's home is chosen when it is first used.
/// </summary>
internal sealed class DiskPlacementDirector(CacheNodes nodes, IGrainFactory grains) : IPlacementDirector
{
    public async Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = target.GrainIdentity.Key.ToString()!;
        var disk = ResourceName.IsValid(name)
            ? await grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(name)).FindAsync(name, default)
                .ConfigureAwait(false)
            : null;
        return nodes.ChooseHome(name, disk?.Home, context.GetCompatibleSilos(target));
    }
}
