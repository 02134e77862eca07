using Orleans;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// Takes up, after a start, what the last end of the process interrupted: batch clones, hydration, builds of
/// replicas, and deletions half done.
/// </summary>
internal sealed partial class DiskRecovery : IAsyncDisposable
{
    private const int Parallelism = 8;

    private readonly ILogger<DiskRecovery> _log;
    private readonly GrainControlPlane _control;
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public DiskRecovery(IGrainFactory grains, TimeProvider time, ILogger<DiskRecovery> log)
    {
        (_control, _grains, _time, _log) = (new GrainControlPlane(grains, time), grains, time, log);
        _work = Task.Run(() => RecoverAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static bool IsUnfinished(DiskInfo disk) => disk.State == DiskState.Deleting
        || (disk.State == DiskState.LazyLoading && disk.Hydration != HydrationMode.None)
        || (disk.State == DiskState.Created && disk.Hydration == HydrationMode.Eager);

    private async Task RecoverAsync(CancellationToken stop)
    {
        try
        {
            await _control.ResumeBatchClonesAsync(stop).ConfigureAwait(false);
            var disks = await _control.ListDisksAsync(stop).ConfigureAwait(false);
            await Parallel.ForEachAsync(
                disks.Where(IsUnfinished),
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = stop },
                (disk, token) => new ValueTask(ResumeAsync(disk, token))).ConfigureAwait(false);
            var deleting = await _grains.GetGrain<IImageCatalogGrain>(0).ListDeletingAsync(stop).ConfigureAwait(false);
            foreach (var snapshot in deleting)
            {
                await _grains.GetGrain<ISnapshotGrain>(snapshot.ToString()).ReleaseAsync(stop).ConfigureAwait(false);
            }

            await _control.ResumeReplicasAsync(stop).ConfigureAwait(false);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            LogFailed(error);
        }
    }

    private async Task ResumeAsync(DiskInfo disk, CancellationToken stop)
    {
        try
        {
            await GrainCalls.RepeatAsync(
                () => _grains.GetGrain<IDiskGrain>(disk.Name).ResumeAsync(stop), _time, stop).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            LogNotResumed(disk.Name, error.Message);
        }
    }

    [LoggerMessage(1101, LogLevel.Error, "What the last end interrupted could not be taken up")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(1102, LogLevel.Warning, "Disk '{Disk}' could not be taken up where it was: {Why}")]
    private partial void LogNotResumed(string disk, string why);
}
