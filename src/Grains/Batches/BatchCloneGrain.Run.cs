using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SnapshotGrains.Grains.Batches;

/// <content>
/// The work: a task of this activation, chunk by chunk, with the progress in storage after each. Whatever ends the
/// activation, the next call to the next one goes on from there; a chunk that was not recorded is done again.
/// </content>
internal sealed partial class BatchCloneGrain
{
    private const int MaxAttempts = 8;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _leaving = new();
    private Task _run = Task.CompletedTask;
    private BatchOrder? _order;

    /// <summary>Why the last attempt failed that will be made again.</summary>
    private string? _hindrance;

    private BatchOrder Order => _order ??= new BatchOrder(record.State.Spec!);

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _leaving.CancelAsync();
        await _run.WaitAsync(cancellationToken);
        _leaving.Dispose();
    }

    private void EnsureRun()
    {
        if (IsRunning && _run.IsCompleted && !_leaving.IsCancellationRequested)
        {
            _run = RunAsync();
        }
    }

    /// <summary>Waits a moment for the end; an operation that takes longer goes on by itself.</summary>
    private async Task<BatchClone> WaitAsync(CancellationToken cancellationToken)
    {
        EnsureRun();
        try
        {
            await _run.WaitAsync(MaxWait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The answer says that it runs.
        }

        return Describe();
    }

    /// <summary>Never fails: what went wrong is in the progress or in the hindrance.</summary>
    private async Task RunAsync()
    {
        var before = DoneDisks;
        var start = time.GetTimestamp();
        for (var attempt = 1; IsRunning && attempt <= MaxAttempts && !_leaving.IsCancellationRequested;)
        {
            var error = await TryStepAsync();
            _hindrance = error?.Message;
            attempt = error is null ? 1 : attempt + 1;
            if (error is InconsistentStateException)
            {
                // Another activation works on it; our state is of the past.
                DeactivateOnIdle();
                return;
            }

            if (error is not null)
            {
                LogHindered(Id, attempt - 1, error);
                await BackOffAsync(attempt - 1);
            }
        }

        if (!IsRunning)
        {
            await TellCatalogAsync(DoneDisks - before, time.GetElapsedTime(start));
        }
    }

    private int DoneDisks => progress.State.Created + progress.State.Failures.Count;

    private async Task<Exception?> TryStepAsync()
    {
        try
        {
            await StepAsync();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task StepAsync()
    {
        if (progress.State.IsCancelRequested)
        {
            await ChangeAsync(state => state.End(BatchCloneState.Cancelled, time.GetUtcNow()));
            return;
        }

        var end = Order.EndOfChunk(progress.State.NextShard);
        var chunk = Order.Between(progress.State.NextShard, end);
        try
        {
            // A chunk that began is finished, cancelled or not: its disks are then known to be there.
            var layout = record.State.Layout ?? new ChosenLayout(null, null);
            var cloner = new ChunkCloner(grains, record.State.Spec!, layout);
            var failures = await cloner.CloneAsync(chunk, CancellationToken.None);
            await ChangeAsync(state =>
            {
                state.Advance(end, chunk.Length, failures);
                EndIfDone(state);
            });
        }
        catch (SnapshotGrainsException error) when (!error.IsTransient)
        {
            await ChangeAsync(state => state.End(BatchCloneState.PartlyFailed, time.GetUtcNow(), error.Message));
        }
    }

    private void EndIfDone(BatchProgress state)
    {
        if (state.NextShard == DiskCatalog.Shards)
        {
            var isWhole = state.Failures.Count == 0;
            state.End(isWhole ? BatchCloneState.Succeeded : BatchCloneState.PartlyFailed, time.GetUtcNow());
        }
    }

    private async Task BackOffAsync(int failures)
    {
        var wait = FirstBackOff * Math.Pow(2, failures - 1);
        await Task.Delay(wait < MaxBackOff ? wait : MaxBackOff, time, _leaving.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task TellCatalogAsync(int disks, TimeSpan took)
    {
        try
        {
            await Catalog.EndAsync(Id, disks, took.TotalSeconds, CancellationToken.None);
        }
        catch (Exception error)
        {
            // Whatever it was, the catalog asks by itself, a little later.
            LogCatalogMissed(Id, error);
        }
    }
}
