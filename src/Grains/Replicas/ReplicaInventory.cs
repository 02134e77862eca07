using System.Collections.Immutable;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>What this silo has of derived replicas, in its cache and in its process's store.</summary>
internal sealed class ReplicaInventory(
    CacheNode node, ManifestCache manifests, DerivationInputs inputs, KeptReplicas kept)
{
    /// <summary>Counts a replica's segments; null when there is no such snapshot.</summary>
    public async Task<ReplicaShare?> MeasureAsync(ReplicaId replica, CancellationToken cancellationToken)
    {
        if (await MapOfAsync(replica, cancellationToken).ConfigureAwait(false) is not { } map)
        {
            return null;
        }

        var (segments, bytes) = inputs.Store?.Measure(map.Map.Digests) ?? default;
        return new ReplicaShare(
            map.Map.DataSegments, map.Source.DataSegments, CountResident(map.Map), inputs.Store?.Id ?? Guid.Empty,
            segments, bytes);
    }

    /// <summary>Keeps segments of these replicas from now on, and deletes those of others if asked to.</summary>
    /// <exception cref="SnapshotGrainsException">Not deleted: what the kept ones need cannot be found out.</exception>
    public async Task KeepOnlyAsync(
        ImmutableArray<ReplicaId> replicas, bool sweep, CancellationToken cancellationToken)
    {
        kept.Set(replicas);
        if (!sweep || inputs.Store is not { } store)
        {
            return;
        }

        // Segments are named by what they are made of: two snapshots' replicas may share some.
        var wanted = new HashSet<Digest>();
        foreach (var replica in replicas)
        {
            if (await MapOfAsync(replica, cancellationToken).ConfigureAwait(false) is { } map)
            {
                wanted.UnionWith(map.Map.Digests.ToArray());
            }
        }

        store.RetainOnly(wanted);
    }

    /// <summary>Takes segments out of the cache and the store.</summary>
    public void Drop(IEnumerable<Digest> digests)
    {
        foreach (var digest in digests)
        {
            node.Cache.Drop(digest);
            inputs.Store?.Remove(digest);
        }
    }

    private async Task<ReplicaMap?> MapOfAsync(ReplicaId replica, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await manifests.GetAsync(replica.Snapshot, cancellationToken).ConfigureAwait(false);

            // On the pool: for a big snapshot it is a second's work, the first time.
            return await Task.Run(() => ReplicaMaps.Of(manifest, replica), cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return null;
        }
    }

    private long CountResident(SegmentMap map)
    {
        var count = 0L;
        foreach (ref readonly var digest in map.Digests)
        {
            count += node.Cache.Contains(digest) ? 1 : 0;
        }

        return count;
    }
}
