using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Snapshots;

namespace SnapshotGrains.Grains.Batches;

/// <summary>
/// Keeps one batch clone: what was asked and how far it is are in storage, the work itself is in BatchCloneGrain.Run.
/// Reentrant, so that it can be looked at and cancelled while it works or is waited for.
/// </summary>
[Reentrant]
internal sealed partial class BatchCloneGrain(
    [PersistentState("batch", StorageNames.Metadata)] IPersistentState<BatchRecord> record,
    [PersistentState("batch-progress", StorageNames.Metadata)] IPersistentState<BatchProgress> progress,
    ManifestCache manifests,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<BatchCloneGrain> log) : Grain, IBatchCloneGrain
{
    private const int MaxResults = BatchCloneSpec.MaxDisks;

    /// <summary>How long a caller waits for the end: enough for thousands of disks, short of any deadline.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    /// <summary>Held while one of the two states changes.</summary>
    private readonly SemaphoreSlim _changes = new(1);

    private string Id => this.GetPrimaryKeyString();

    private bool IsRunning => record.State.Spec is not null && progress.State.State == BatchCloneState.Running;

    private IBatchCloneCatalogGrain Catalog => grains.GetGrain<IBatchCloneCatalogGrain>(0);

    public async Task<BatchClone> StartAsync(BatchCloneSpec spec, CancellationToken cancellationToken)
    {
        ResourceName.Check(Id, "operation");
        spec.Check();
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await EnsureRecordedAsync(spec, cancellationToken);
        }
        finally
        {
            _changes.Release();
        }

        return await WaitAsync(cancellationToken);
    }

    public Task<BatchClone> DescribeAsync(CancellationToken cancellationToken)
    {
        _ = CheckExists();
        EnsureRun();
        return Task.FromResult(Describe());
    }

    public Task<ImmutableArray<BatchCloneResult>> ListResultsAsync(
        int first, int max, CancellationToken cancellationToken)
    {
        var spec = CheckExists();
        if (first < 0 || max < 1)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"There are no {max} results from {first} on; ask for at least 1, from 0 on.");
        }

        EnsureRun();
        var count = Math.Clamp(spec.Total - first, 0, Math.Min(max, MaxResults));
        return Task.FromResult<ImmutableArray<BatchCloneResult>>(
            [.. Enumerable.Range(first, count).Select(index => ResultOf(spec, index))]);
    }

    public async Task<BatchClone> CancelAsync(CancellationToken cancellationToken)
    {
        _ = CheckExists();
        if (IsRunning)
        {
            await ChangeAsync(state => state.IsCancelRequested = state.State == BatchCloneState.Running);
        }

        return await WaitAsync(cancellationToken);
    }

    public Task<BatchClonePlan> PlanAsync(BatchCloneSpec spec, CancellationToken cancellationToken) =>
        new BatchClonePlanner(grains, manifests).PlanAsync(spec, cancellationToken);

    public Task<bool> ResumeAsync(CancellationToken cancellationToken)
    {
        EnsureRun();
        return Task.FromResult(IsRunning);
    }

    public async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        // Whoever changes something now may be waiting for the catalog, which is waiting for us.
        if (IsRunning || !_changes.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            return false;
        }

        try
        {
            await ClearAsync();
        }
        finally
        {
            _changes.Release();
        }

        DeactivateOnIdle();
        return true;
    }

    private BatchCloneSpec CheckExists() => record.State.Spec ?? throw new SnapshotGrainsException(
        ErrorCode.NotFound,
        $"There is no batch clone '{Id}'; one that ended long ago is forgotten, its disks are not.");

    private async Task EnsureRecordedAsync(BatchCloneSpec spec, CancellationToken cancellationToken)
    {
        if (record.State.Spec is null)
        {
            await RecordAsync(spec, cancellationToken);
        }
        else if (record.State.Spec != spec)
        {
            throw new SnapshotGrainsException(
                ErrorCode.AlreadyExists,
                $"Batch clone '{Id}' was started with another specification; choose another id.");
        }
        else if (IsRunning)
        {
            // Its first start may have ended between the two writes.
            await Catalog.AddAsync(Id, cancellationToken);
        }
    }

    /// <summary>The record first: the catalog must not name what cannot go on.</summary>
    private async Task RecordAsync(BatchCloneSpec spec, CancellationToken cancellationToken)
    {
        await CheckSnapshotAsync(spec.Snapshot, cancellationToken);
        var layout = await grains.GetGrain<ISnapshotGrain>(spec.Snapshot.ToString())
            .ResolveAsync(spec.Layout, cancellationToken);
        await ClearAsync();
        record.State = new BatchRecord { Spec = spec, StartedAt = time.GetUtcNow(), Layout = layout };
        try
        {
            await record.WriteStateAsync();
        }
        catch
        {
            record.State = new BatchRecord();
            throw;
        }

        try
        {
            await Catalog.AddAsync(Id, cancellationToken);
        }
        catch (SnapshotGrainsException)
        {
            await ClearAsync();
            throw;
        }
    }

    /// <summary>An operation that cannot begin leaves nothing behind.</summary>
    private async Task CheckSnapshotAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var image = await grains.GetGrain<ISnapshotGrain>(snapshot.ToString()).DescribeAsync(cancellationToken);
        if (image.IsDeleting)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Snapshot {snapshot} is being deleted; clone another.");
        }
    }

    /// <summary>The record first: without it, progress that is left over means nothing.</summary>
    private async Task ClearAsync()
    {
        if (record.RecordExists)
        {
            await record.ClearStateAsync();
        }

        record.State = new BatchRecord();
        if (progress.RecordExists)
        {
            await progress.ClearStateAsync();
        }

        progress.State = new BatchProgress();
        (_order, _hindrance) = (null, null);
    }

    private async Task ChangeAsync(Action<BatchProgress> change)
    {
        await _changes.WaitAsync();
        var before = progress.State;
        try
        {
            progress.State = before.Copy();
            change(progress.State);
            await progress.WriteStateAsync();
        }
        catch
        {
            // What was not written did not happen.
            progress.State = before;
            throw;
        }
        finally
        {
            _changes.Release();
        }
    }

    private BatchClone Describe()
    {
        var spec = CheckExists();
        var state = progress.State;

        // What ends an operation early fails the disks that had no turn yet.
        var failed = state.Problem is null ? state.Failures.Count : spec.Total - state.Created;
        return new BatchClone(
            Id, spec, state.State, spec.Total, state.Created, failed, record.State.StartedAt, state.EndedAt,
            state.Problem ?? _hindrance);
    }

    private BatchCloneResult ResultOf(BatchCloneSpec spec, int index)
    {
        var state = progress.State;
        var name = spec.NameAt(index);
        if (state.Failures.TryGetValue(index, out var problem))
        {
            return new BatchCloneResult(
                name, false, problem.Length > 0 ? problem : $"Disk '{name}' could not be created: its name is taken.");
        }

        var isCreated = Order.ShardOf(index) < state.NextShard;
        return new BatchCloneResult(name, isCreated, isCreated ? null : state.Problem);
    }
}
