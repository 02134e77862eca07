using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>Asks all silos about replicas; one that does not answer soon is left out.</summary>
internal sealed class ReplicaNodes(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What there is of replicas, everywhere.</summary>
    public async Task<ImmutableArray<ReplicaInfo>> DescribeAsync(
        ImmutableArray<ReplicaRecord> records, CancellationToken cancellationToken)
    {
        if (records.IsEmpty)
        {
            return [];
        }

        ImmutableArray<ReplicaId> ids = [.. records.Select(record => record.Id)];
        var answers = await AskAsync(
            node => node.DescribeReplicasAsync(ids, cancellationToken), cancellationToken).ConfigureAwait(false);
        return
        [
            .. records.Select((record, index) => InfoOf(
                record, [.. answers.Select(shares => shares[index]).OfType<ReplicaShare>()])),
        ];
    }

    /// <summary>Tells all which replicas are kept.</summary>
    /// <returns>How many silos could not be told, or could not do it.</returns>
    public async Task<int> KeepOnlyAsync(
        ImmutableArray<ReplicaId> kept, bool sweep, CancellationToken cancellationToken)
    {
        var missed = 0;
        await AskAsync(
            node => DoneAsync(node.KeepReplicasAsync(kept, sweep, cancellationToken)),
            cancellationToken,
            () => Interlocked.Increment(ref missed)).ConfigureAwait(false);
        return missed;
    }

    /// <summary>Has all of them drop segments.</summary>
    public Task DropAsync(ImmutableArray<string> digests, CancellationToken cancellationToken) => AskAsync(
        node => DoneAsync(node.DropSegmentsAsync(digests, cancellationToken)), cancellationToken);

    private static async Task<bool> DoneAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }

    private static ReplicaInfo InfoOf(ReplicaRecord record, ReplicaShare[] shares)
    {
        // The silos of a process share its store.
        var stores = shares.DistinctBy(share => share.Store).ToArray();
        var source = shares.Select(share => share.SourceSegments).FirstOrDefault();
        return new ReplicaInfo(
            record.Id,
            record.Build,
            record.IsKept,
            record.State,
            record.CreatedAt,
            shares.Select(share => share.Segments).FirstOrDefault(),
            stores.Sum(share => share.KeptSegments),
            stores.Sum(share => share.KeptBytes),
            shares.Sum(share => share.ResidentSegments),
            source,
            record.LogicalDigest is null ? 0 : source,
            record.LogicalDigest,
            Problem: record.Problem);
    }

    private async Task<IReadOnlyList<T>> AskAsync<T>(
        Func<INodeGrain, Task<T>> ask, CancellationToken cancellationToken, Action? onMissed = null)
        where T : notnull
    {
        var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true).ConfigureAwait(false);
        var answers = await Task.WhenAll(hosts.Keys.Select(async silo =>
        {
            try
            {
                var node = grains.GetGrain<INodeGrain>(silo.ToParsableString());
                return (IsThere: true, Answer: await ask(node).WaitAsync(AnswerTimeout, time, cancellationToken)
                    .ConfigureAwait(false));
            }
            catch (Exception error) when (error is OrleansException or TimeoutException
                or SnapshotGrainsException { IsTransient: true })
            {
                onMissed?.Invoke();
                return (IsThere: false, Answer: default(T)!);
            }
        })).ConfigureAwait(false);
        return [.. answers.Where(answer => answer.IsThere).Select(answer => answer.Answer)];
    }
}
