using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Nodes;

/// <summary>Reads the counters of the silo it lives on.</summary>
[NodePlacement, Reentrant]
internal sealed class NodeGrain(
    CacheNode node, IDiskHome home, ReplicaInventory replicas, Drains drains, NodeDrain drain) : Grain, INodeGrain
{
    private const long MinHydrationLimit = 64 << 10;

    public Task<NodeInfo> DescribeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
        node.Describe(this.GetPrimaryKeyString()) with
        {
            Home = home.Directory,
            State = drain.IsDraining ? NodeState.Draining : NodeState.Active,
            Drain = drain.IsDraining ? drain.Progress : null,
        });

    public Task SetHydrationLimitAsync(long? bytesPerSecond, CancellationToken cancellationToken)
    {
        if (bytesPerSecond < MinHydrationLimit)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"Hydration cannot be capped at {bytesPerSecond} bytes a second; use at least {MinHydrationLimit}, or "
                + "pause the disks.");
        }

        home.HydrationLimit = bytesPerSecond;
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<ReplicaShare?>> DescribeReplicasAsync(
        ImmutableArray<ReplicaId> ids, CancellationToken cancellationToken) =>
        [.. await Task.WhenAll(ids.Select(id => replicas.MeasureAsync(id, cancellationToken)))];

    public Task KeepReplicasAsync(
        ImmutableArray<ReplicaId> kept, bool sweep, CancellationToken cancellationToken) =>
        replicas.KeepOnlyAsync(kept, sweep, cancellationToken);

    public Task DropSegmentsAsync(ImmutableArray<string> digests, CancellationToken cancellationToken)
    {
        replicas.Drop(digests.Select(digest => Digest.Parse(digest)));
        return Task.CompletedTask;
    }

    public Task SetDrainsAsync(NodeDrains known, CancellationToken cancellationToken)
    {
        drains.Set(known);
        return Task.CompletedTask;
    }

    public Task HandOverAsync(CancellationToken cancellationToken)
    {
        drain.Start();
        return Task.CompletedTask;
    }

    public Task AdoptAsync(
        string key, int lengthBytes, SegmentLocation from, CancellationToken cancellationToken) =>
        node.AdoptAsync(SegmentKey.Parse(key), lengthBytes, from, cancellationToken).AsTask();

    public Task LetDiskGoAsync(
        Guid diskId, long epoch, Guid process, DiskClaim claim, CancellationToken cancellationToken) =>
        process != home.Process
            ? home.LetGoAsync(diskId, epoch, claim, cancellationToken) : Task.CompletedTask;
}
