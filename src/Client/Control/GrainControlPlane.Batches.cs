using Orleans;

namespace SnapshotGrains.Client;

/// <content>Batch clones.</content>
public sealed partial class GrainControlPlane
{
    private IBatchCloneCatalogGrain Batches => grains.GetGrain<IBatchCloneCatalogGrain>(0);

    /// <summary>A start answers within two seconds or so; it joins what runs, so asking again does no harm.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(8);

    /// <inheritdoc />
    public Task<BatchClone> StartBatchCloneAsync(
        string id, BatchCloneSpec spec, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(
            () => BatchOf(id).StartAsync(spec, cancellationToken), StartTimeout, time, cancellationToken);

    /// <inheritdoc />
    public Task<BatchClone> GetBatchCloneAsync(string id, CancellationToken cancellationToken) =>
        RepeatAsync(() => BatchOf(id).DescribeAsync(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<BatchClone>> ListBatchClonesAsync(CancellationToken cancellationToken)
    {
        var ids = await RepeatAsync(() => Batches.ListAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        var batches = await Task.WhenAll(ids.Select(id => FindBatchAsync(id, cancellationToken)))
            .ConfigureAwait(false);
        return [.. batches.OfType<BatchClone>()];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<BatchCloneResult>> ListBatchCloneResultsAsync(
        string id, int first, int max, CancellationToken cancellationToken) =>
        await RepeatAsync(() => BatchOf(id).ListResultsAsync(first, max, cancellationToken), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<BatchClone> CancelBatchCloneAsync(string id, CancellationToken cancellationToken) =>
        RepeatAsync(() => BatchOf(id).CancelAsync(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<BatchClonePlan> PlanBatchCloneAsync(BatchCloneSpec spec, CancellationToken cancellationToken) =>
        RepeatAsync(() => BatchOf("plan").PlanAsync(spec, cancellationToken), cancellationToken);

    /// <summary>Makes batch clones go on that a crash or a stop interrupted; for a server's start.</summary>
    /// <returns>How many run.</returns>
    public Task<int> ResumeBatchClonesAsync(CancellationToken cancellationToken) =>
        RepeatAsync(() => Batches.ResumeAsync(cancellationToken), cancellationToken);

    private IBatchCloneGrain BatchOf(string id) =>
        grains.GetGrain<IBatchCloneGrain>(ResourceName.Check(id, "operation"));

    /// <summary>Null when it was forgotten meanwhile. Names are left out: a listing need not carry millions.</summary>
    private async Task<BatchClone?> FindBatchAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var batch = await GetBatchCloneAsync(id, cancellationToken).ConfigureAwait(false);
            return batch with { Spec = batch.Spec with { Names = [] } };
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return null;
        }
    }
}
