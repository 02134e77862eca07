using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Replicas;

/// <content>
/// The build: a task of this activation. Whatever ends the activation, the catalog wakes the next one, which goes on
/// from what is kept.
/// </content>
internal sealed partial class ReplicaGrain
{
    private const int MaxAttempts = 8;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(5);

    private readonly BuildProgress _progress = new(time);
    private CancellationTokenSource? _stop;
    private Task _run = Task.CompletedTask;

    /// <summary>Why the last attempt failed that will be made again.</summary>
    private string? _hindrance;

    /// <summary>Nothing is to begin any more.</summary>
    private bool _isEnding;

    private bool IsRunning => !_run.IsCompleted;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isEnding = true;
        await StopRunAsync().WaitAsync(cancellationToken);
    }

    private void EnsureRun(ReplicaRecord record)
    {
        if (record.State == ReplicaState.Building && !IsRunning && !_isEnding)
        {
            _stop?.Dispose();
            _stop = new CancellationTokenSource();
            _run = RunAsync(record, _stop.Token);
        }
    }

    private async Task StopRunAsync()
    {
        if (_stop is not null)
        {
            await _stop.CancelAsync();
        }

        await _run;
    }

    /// <summary>Never fails: what went wrong is in the record or in the hindrance.</summary>
    private async Task RunAsync(ReplicaRecord record, CancellationToken stop)
    {
        for (var attempt = 1; attempt <= MaxAttempts && !stop.IsCancellationRequested; attempt++)
        {
            var error = await TryBuildAsync(record, stop);
            if (error is null || stop.IsCancellationRequested)
            {
                _hindrance = null;
                return;
            }

            _hindrance = error.Message;
            LogHindered(Id, attempt, error);
            var wait = FirstBackOff * Math.Pow(2, attempt - 1);
            await Task.Delay(wait < MaxBackOff ? wait : MaxBackOff, time, stop).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Null when it has ended, well or not; else why it must be tried again.</summary>
    private async Task<Exception?> TryBuildAsync(ReplicaRecord record, CancellationToken stop)
    {
        try
        {
            // On the pool: hashing takes the time that this activation needs to answer.
            var digest = await Task.Run(() => builder.BuildAsync(record, _progress, stop), stop);
            await EndAsync(record with
            {
                State = ReplicaState.Ready, LogicalDigest = digest.ToString(), Problem = null,
            });
            LogReady(Id, digest.ToString());
            return null;
        }
        catch (Exception error) when (error is ReplicaMismatchException
            or SnapshotGrainsException { IsTransient: false })
        {
            return await TryFailAsync(record, error);
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task<Exception?> TryFailAsync(ReplicaRecord record, Exception error)
    {
        try
        {
            await EndAsync(record with
            {
                State = ReplicaState.Failed, LogicalDigest = null, Problem = error.Message,
            });
            LogFailed(Id, error.Message);
            return null;
        }
        catch (Exception unrecorded)
        {
            return unrecorded;
        }
    }

    private Task EndAsync(ReplicaRecord record) => Catalog.UpdateAsync(record, CancellationToken.None);
}
