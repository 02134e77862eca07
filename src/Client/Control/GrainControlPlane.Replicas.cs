using System.Collections.Immutable;

namespace SnapshotGrains.Client;

/// <content>Derived replicas.</content>
public sealed partial class GrainControlPlane
{
    private IReplicaCatalogGrain Replicas => grains.GetGrain<IReplicaCatalogGrain>(0);

    /// <inheritdoc />
    public async Task<IReadOnlyList<ReplicaInfo>> ListReplicasAsync(
        SnapshotId? snapshot, CancellationToken cancellationToken)
    {
        var replicas = await FindAsync(snapshot, cancellationToken).ConfigureAwait(false);
        return await Task.WhenAll(replicas.Select(replica => replica.State == ReplicaState.Building
            ? FollowAsync(replica, cancellationToken) : Task.FromResult(replica))).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<ReplicaInfo> GetReplicaAsync(ReplicaName replica, CancellationToken cancellationToken)
    {
        var id = await IdOfAsync(replica, cancellationToken).ConfigureAwait(false);
        return await RepeatAsync(() => GrainOf(id).DescribeAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<ReplicaInfo> CreateReplicaAsync(
        ReplicaName replica, ReplicaBuild build, bool keep, CancellationToken cancellationToken)
    {
        var key = await KeyOfAsync(replica, cancellationToken).ConfigureAwait(false);
        var id = new ReplicaId(replica.Snapshot, replica.Format, key);
        return await RepeatAsync(() => GrainOf(id).CreateAsync(build, keep, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task DeleteReplicaAsync(ReplicaName replica, CancellationToken cancellationToken)
    {
        var id = await IdOfAsync(replica, cancellationToken).ConfigureAwait(false);
        await GrainCalls.OnceAsync(async () =>
        {
            await GrainOf(id).RemoveAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes builds of replicas go on that a crash or a stop interrupted, and deletes what is kept for nothing; for a
    /// server's start.
    /// </summary>
    /// <returns>How many run.</returns>
    public Task<int> ResumeReplicasAsync(CancellationToken cancellationToken) =>
        RepeatAsync(() => Replicas.ResumeAsync(cancellationToken), cancellationToken);

    private IReplicaGrain GrainOf(ReplicaId replica) => grains.GetGrain<IReplicaGrain>(replica.ToString());

    private Task<ImmutableArray<ReplicaInfo>> FindAsync(SnapshotId? snapshot, CancellationToken cancellationToken) =>
        RepeatAsync(() => Replicas.FindAsync(snapshot, cancellationToken), cancellationToken);

    private async Task<KeyRef?> KeyOfAsync(ReplicaName replica, CancellationToken cancellationToken)
    {
        if (replica.Key == ReplicaId.NoKey)
        {
            return null;
        }

        var key = await RepeatAsync(
            () => grains.GetGrain<IKeyCatalogGrain>(0).FindAsync(replica.Key, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return key?.Ref ?? throw KeyCatalog.NoSuchKey(replica.Key);
    }

    /// <summary>Its key may be gone, or another have its name by now: the newest that is recorded.</summary>
    private async Task<ReplicaId> IdOfAsync(ReplicaName replica, CancellationToken cancellationToken)
    {
        var found = await FindAsync(replica.Snapshot, cancellationToken).ConfigureAwait(false);
        return found.Where(known => replica.Names(known.Id)).MaxBy(known => known.CreatedAt)?.Id
            ?? throw ReplicaCatalog.NoSuchReplica(replica);
    }

    /// <summary>Only its grain knows how a build goes on; what is recorded will do if it is gone by now.</summary>
    private async Task<ReplicaInfo> FollowAsync(ReplicaInfo replica, CancellationToken cancellationToken)
    {
        try
        {
            return await RepeatAsync(() => GrainOf(replica.Id).DescribeAsync(cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return replica;
        }
    }
}
