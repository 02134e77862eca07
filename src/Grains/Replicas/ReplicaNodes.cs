using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>Asks all silos about replicas; one that does not answer soon is left out.</summary>
internal sealed class ReplicaNodes(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly NodeSurvey _silos = new(grains, AnswerTimeout, time);

    /// <summary>What there is of replicas, everywhere.</summary>
    public async Task<ImmutableArray<ReplicaInfo>> DescribeAsync(
        ImmutableArray<ReplicaRecord> records, CancellationToken cancellationToken)
    {
        if (records.IsEmpty)
        {
            return [];
        }

        ImmutableArray<ReplicaId> ids = [.. records.Select(record => record.Id)];
        var answers = await _silos.AskAsync(
            await _silos.ListAsync().ConfigureAwait(false),
            node => node.DescribeReplicasAsync(ids, cancellationToken), cancellationToken).ConfigureAwait(false);
        return
        [
            .. records.Select((record, index) => InfoOf(
                record, [.. answers.Values.Select(shares => shares[index]).OfType<ReplicaShare>()])),
        ];
    }

    /// <summary>Tells all which replicas are kept.</summary>
    /// <returns>How many silos could not be told, or could not do it.</returns>
    public async Task<int> KeepOnlyAsync(
        ImmutableArray<ReplicaId> kept, bool sweep, CancellationToken cancellationToken)
    {
        var missed = 0;
        await _silos.TellAsync(
            await _silos.ListAsync().ConfigureAwait(false),
            node => node.KeepReplicasAsync(kept, sweep, cancellationToken), cancellationToken,
            (_, _) => Interlocked.Increment(ref missed)).ConfigureAwait(false);
        return missed;
    }

    /// <summary>Has all of them drop segments.</summary>
    public async Task DropAsync(ImmutableArray<string> digests, CancellationToken cancellationToken) =>
        await _silos.TellAsync(
            await _silos.ListAsync().ConfigureAwait(false),
            node => node.DropSegmentsAsync(digests, cancellationToken), cancellationToken).ConfigureAwait(false);

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
}
