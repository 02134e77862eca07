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

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger<DiskRecovery> _log;
    private readonly GrainControlPlane _control;
    private readonly IGrainFactory _grains;
    private readonly IReadOnlyList<string> _self;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    /// <param name="grains">The road to the grains.</param>
    /// <param name="self">Names of this process's silos.</param>
    /// <param name="isAlone">Whether there can be no other process, whose work must be taken up when it ends.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where events go.</param>
    public DiskRecovery(
        IGrainFactory grains, IReadOnlyList<string> self, bool isAlone, TimeProvider time, ILogger<DiskRecovery> log)
    {
        (_control, _grains, _self, _time, _log) = (new GrainControlPlane(grains, time), grains, self, time, log);
        _work = Task.Run(() => isAlone ? RecoverAsync(_stop.Token) : WatchAsync(_stop.Token));
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

    /// <summary>
    /// Recovers again whenever the silos have changed: what those did that are gone. One node does it for all.
    /// </summary>
    private async Task WatchAsync(CancellationToken stop)
    {
        await RecoverAsync(stop).ConfigureAwait(false);
        using var timer = new PeriodicTimer(LookInterval, _time);
        string[] before = [];
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            try
            {
                var nodes = await _control.ListNodesAsync(stop).ConfigureAwait(false);
                string[] now = [.. nodes.Select(node => node.Address)];
                if (!now.SequenceEqual(before) && nodes.Count > 0 && _self.Contains(nodes[0].Name))
                {
                    await RecoverAsync(stop).ConfigureAwait(false);
                }

                before = now;
            }
            catch (SnapshotGrainsException error)
            {
                LogFailed(error);
            }
        }
    }

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
