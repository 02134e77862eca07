using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Batches;

/// <summary>
/// Lists the batch clones. While some run it looks after them: one whose silo died goes on without anybody asking.
/// Reentrant, so that listings do not wait for storage; changes are made one at a time.
/// </summary>
[Reentrant]
internal sealed class BatchCloneCatalogGrain(
    [PersistentState("batches", StorageNames.Metadata)] IPersistentState<BatchCloneCatalogState> state,
    IGrainFactory grains) : Grain, IBatchCloneCatalogGrain
{
    /// <summary>Before anything was measured: storage on a slow disk manages this.</summary>
    private const double AssumedDisksPerSecond = 10_000;

    /// <summary>A smaller batch says more about its fixed costs than about disks.</summary>
    private const int MinMeasuredDisks = 100;

    private const double WeightOfLast = 0.3;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _changes = new(1);
    private IGrainTimer? _watch;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Watch();
        return Task.CompletedTask;
    }

    public Task AddAsync(string id, CancellationToken cancellationToken) => ChangeAsync(
        catalog =>
        {
            if (catalog.Running.Contains(id))
            {
                return Task.FromResult(false);
            }

            if (catalog.Running.Count >= BatchCloneCatalog.MaxRunning)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.InUse, $"{catalog.Running.Count} batch clones run already; wait for one to end.");
            }

            catalog.Ended.Remove(id);
            catalog.Running.Add(id);
            return Task.FromResult(true);
        },
        cancellationToken);

    public Task EndAsync(string id, int disks, double seconds, CancellationToken cancellationToken) => ChangeAsync(
        async catalog =>
        {
            if (!catalog.Running.Remove(id) && catalog.Ended.Contains(id))
            {
                return false;
            }

            catalog.Ended.Remove(id);
            catalog.Ended.Add(id);
            Measure(catalog, disks, seconds);
            await ForgetOldestAsync(catalog, cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<string>>(
            [.. state.State.Running.AsEnumerable().Reverse(), .. state.State.Ended.AsEnumerable().Reverse()]);

    public async Task<int> ResumeAsync(CancellationToken cancellationToken)
    {
        var running = await Task.WhenAll(state.State.Running.ToArray().Select(
            id => ResumeAsync(id, cancellationToken)));
        return running.Count(isRunning => isRunning);
    }

    public Task<double> GetRateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(state.State.DisksPerSecond > 0 ? state.State.DisksPerSecond : AssumedDisksPerSecond);

    private static void Measure(BatchCloneCatalogState catalog, int disks, double seconds)
    {
        if (disks >= MinMeasuredDisks && seconds > 0)
        {
            var old = catalog.DisksPerSecond;
            var rate = disks / seconds;
            catalog.DisksPerSecond = old > 0 ? old + (WeightOfLast * (rate - old)) : rate;
        }
    }

    private async Task<bool> ResumeAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            if (await grains.GetGrain<IBatchCloneGrain>(id).ResumeAsync(cancellationToken))
            {
                return true;
            }
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // Its silo is dying; it is asked again at the next watch.
            return true;
        }

        await EndAsync(id, 0, 0, cancellationToken);
        return false;
    }

    /// <summary>The operation's own state first: nothing may be left in storage that no list names.</summary>
    private async Task ForgetOldestAsync(BatchCloneCatalogState catalog, CancellationToken cancellationToken)
    {
        try
        {
            while (catalog.Ended.Count > BatchCloneCatalog.MaxEnded
                && await grains.GetGrain<IBatchCloneGrain>(catalog.Ended[0]).ForgetAsync(cancellationToken))
            {
                catalog.Ended.RemoveAt(0);
            }
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // The end of another operation forgets it.
        }
    }

    private async Task ChangeAsync(
        Func<BatchCloneCatalogState, Task<bool>> change, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        var before = state.State;
        try
        {
            var after = before.Copy();
            if (await change(after))
            {
                state.State = after;
                await state.WriteStateAsync();
            }
        }
        catch
        {
            // What was not written did not happen.
            state.State = before;
            throw;
        }
        finally
        {
            _changes.Release();
        }

        Watch();
    }

    private void Watch()
    {
        if (state.State.Running.Count == 0)
        {
            _watch?.Dispose();
            _watch = null;
            return;
        }

        _watch ??= this.RegisterGrainTimer(
            ResumeAsync,
            new GrainTimerCreationOptions(WatchPeriod, WatchPeriod) { Interleave = true, KeepAlive = true });
    }
}
