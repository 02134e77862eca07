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

    /// <summary>Looks between two attempts at what did not work, at most.</summary>
    private const int LongestWait = 32;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger<DiskRecovery> _log;
    private readonly GrainControlPlane _control;
    private readonly IGrainFactory _grains;
    private readonly IReadOnlyList<string> _self;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private string[] _before = [];

    /// <param name="grains">The road to the grains.</param>
    /// <param name="self">Names of this process's silos.</param>
    /// <param name="isAlone">Whether there can be no other process, whose work must be taken up when it ends.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where events go.</param>
    public DiskRecovery(
        IGrainFactory grains, IReadOnlyList<string> self, bool isAlone, TimeProvider time, ILogger<DiskRecovery> log)
    {
        (_control, _grains, _self, _time, _log) = (new GrainControlPlane(grains, time), grains, self, time, log);
        _work = Task.Run(() => WatchAsync(isAlone, _stop.Token));
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
    /// Recovers until that works, and again whenever the silos have changed: what those did that are gone. One node
    /// does it for all.
    /// </summary>
    private async Task WatchAsync(bool isAlone, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        var isDone = await TryRecoverAsync(stop).ConfigureAwait(false);
        for (var (looks, wait) = (0, 1); !isDone || !isAlone;)
        {
            await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
            if (!isAlone && await HaveChangedAsync(stop).ConfigureAwait(false))
            {
                isDone = await TryRecoverAsync(stop).ConfigureAwait(false);
                (looks, wait) = (0, 1);
            }
            else if (!isDone && ++looks >= wait)
            {
                isDone = await TryRecoverAsync(stop).ConfigureAwait(false);
                (looks, wait) = (0, Math.Min(2 * wait, LongestWait));
            }
        }
    }

    /// <summary>Whether there are other silos than before, and this node is the one to do something about it.</summary>
    private async Task<bool> HaveChangedAsync(CancellationToken stop)
    {
        try
        {
            var nodes = await _control.ListNodesAsync(stop).ConfigureAwait(false);
            string[] now = [.. nodes.Select(node => node.Address)];
            var before = _before;
            _before = now;
            return !now.SequenceEqual(before) && nodes.Count > 0 && _self.Contains(nodes[0].Name);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            LogFailed(error); // the database may be away: it has errors of its own
            return false;
        }
    }

    /// <summary>Takes up all that can be.</summary>
    /// <returns>False when some of it must be tried again.</returns>
    private async Task<bool> TryRecoverAsync(CancellationToken stop)
    {
        bool[] done =
        [
            await TryAsync(() => _control.ResumeBatchClonesAsync(stop), stop).ConfigureAwait(false),
            await TryAsync(() => ResumeDisksAsync(stop), stop).ConfigureAwait(false),
            await TryAsync(() => ResumeDeletionsAsync(stop), stop).ConfigureAwait(false),
            await TryAsync(() => _control.ResumeReplicasAsync(stop), stop).ConfigureAwait(false),
        ];
        return done.All(isDone => isDone);
    }

    /// <summary>One thing's trouble is not another's.</summary>
    private async Task<bool> TryAsync(Func<Task> resume, CancellationToken stop)
    {
        try
        {
            await resume().ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            LogFailed(error);
            return false;
        }
    }

    /// <exception cref="SnapshotGrainsException">Some could not be taken up for now.</exception>
    private async Task ResumeDisksAsync(CancellationToken stop)
    {
        var disks = await _control.ListDisksAsync(stop).ConfigureAwait(false);
        var left = 0;
        await Parallel.ForEachAsync(
            disks.Where(IsUnfinished),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = stop },
            async (disk, token) => _ = await ResumeAsync(disk, token).ConfigureAwait(false)
                ? 0 : Interlocked.Increment(ref left)).ConfigureAwait(false);
        if (left > 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"{left} disks could not be taken up; they are tried again.");
        }
    }

    /// <returns>False when it may work later.</returns>
    private async Task<bool> ResumeAsync(DiskInfo disk, CancellationToken stop)
    {
        try
        {
            await GrainCalls.RepeatAsync(
                () => _grains.GetGrain<IDiskGrain>(disk.Name).ResumeAsync(stop), _time, stop).ConfigureAwait(false);
            return true;
        }
        catch (SnapshotGrainsException error)
        {
            LogNotResumed(disk.Name, error.Message);
            return !error.IsTransient;
        }
    }

    private async Task ResumeDeletionsAsync(CancellationToken stop)
    {
        var deleting = await _grains.GetGrain<IImageCatalogGrain>(0).ListDeletingAsync(stop).ConfigureAwait(false);
        foreach (var snapshot in deleting)
        {
            await _grains.GetGrain<ISnapshotGrain>(snapshot.ToString()).ReleaseAsync(stop).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1101, LogLevel.Error, "What the last end interrupted could not be taken up")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(1102, LogLevel.Warning, "Disk '{Disk}' could not be taken up where it was: {Why}")]
    private partial void LogNotResumed(string disk, string why);
}
