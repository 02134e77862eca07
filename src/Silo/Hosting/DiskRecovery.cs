using System.Collections.Concurrent;
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
    private bool _isBlind;

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
    /// Takes up what there is, what failed again after a while, and everything whenever the silos have changed: what
    /// those did that are gone. One node does that for all.
    /// </summary>
    private async Task WatchAsync(bool isAlone, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        if (!isAlone)
        {
            await HaveChangedAsync(stop).ConfigureAwait(false); // from here on: everything is taken up now anyway
        }

        var left = await RunAllAsync(stop).ConfigureAwait(false);
        var (looks, wait) = (0, 1);
        while (left.Count > 0 || !isAlone)
        {
            await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
            if (!isAlone && await HaveChangedAsync(stop).ConfigureAwait(false))
            {
                left = await RunAllAsync(stop).ConfigureAwait(false);
                (looks, wait) = (0, 1);
            }
            else if (left.Count > 0 && ++looks >= wait)
            {
                left = await RunAsync(left, stop).ConfigureAwait(false);
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
            var hasChanged = !now.SequenceEqual(_before);
            (_before, _isBlind) = (now, false);
            return hasChanged && nodes.Count > 0 && _self.Contains(nodes[0].Name);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // The database may be away, which has errors of its own. Once is enough to say so.
            if (!_isBlind)
            {
                LogBlind(error.Message);
            }

            _isBlind = true;
            return false;
        }
    }

    /// <returns>What is to be tried again.</returns>
    private async Task<IReadOnlyList<Errand>> RunAllAsync(CancellationToken stop)
    {
        List<Errand> left = [];
        foreach (var errand in Errands())
        {
            left.AddRange(await RunAsync([errand], stop).ConfigureAwait(false));
        }

        return left;
    }

    /// <summary>What may have been interrupted, in the order in which one may need the other.</summary>
    private IEnumerable<Errand> Errands() =>
    [
        new("Batch clones", stop => DoneAsync(_control.ResumeBatchClonesAsync(stop))),
        new("The disks", async stop =>
            [.. (await _control.ListDisksAsync(stop).ConfigureAwait(false)).Where(IsUnfinished).Select(ErrandOf)]),
        new("The deletions", async stop =>
            [.. (await _grains.GetGrain<IImageCatalogGrain>(0).ListDeletingAsync(stop).ConfigureAwait(false))
                .Select(ErrandOf)]),
        new("Builds of replicas", stop => DoneAsync(_control.ResumeReplicasAsync(stop))),
    ];

    private Errand ErrandOf(DiskInfo disk) => new($"Disk '{disk.Name}'", stop => DoneAsync(GrainCalls.RepeatAsync(
        () => _grains.GetGrain<IDiskGrain>(disk.Name).ResumeAsync(stop), _time, stop)));

    private Errand ErrandOf(SnapshotId snapshot) => new($"The deletion of '{snapshot}'", stop => DoneAsync(
        _grains.GetGrain<ISnapshotGrain>(snapshot.ToString()).ReleaseAsync(stop)));

    private static async Task<IReadOnlyList<Errand>> DoneAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return [];
    }

    /// <summary>Runs errands and those that come of them. One's trouble is not another's.</summary>
    /// <returns>What is to be tried again.</returns>
    private async Task<IReadOnlyList<Errand>> RunAsync(IReadOnlyList<Errand> errands, CancellationToken stop)
    {
        var (left, more) = (new ConcurrentBag<Errand>(), new ConcurrentBag<Errand>());
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = stop };
        await Parallel.ForEachAsync(errands, options, async (errand, token) =>
        {
            try
            {
                foreach (var next in await errand.RunAsync(token).ConfigureAwait(false))
                {
                    more.Add(next);
                }
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                Note(errand, error, left);
            }
        }).ConfigureAwait(false);
        return more.IsEmpty ? [.. left] : [.. left, .. await RunAsync([.. more], stop).ConfigureAwait(false)];
    }

    private void Note(Errand errand, Exception error, ConcurrentBag<Errand> left)
    {
        if (!errand.HasFailed)
        {
            LogNotTakenUp(errand.What, error.Message); // not each time that it is tried again
        }

        errand.HasFailed = true;
        if (error is not SnapshotGrainsException { IsTransient: false })
        {
            left.Add(errand);
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "Which silos are there is not known at the moment: {Why}")]
    private partial void LogBlind(string why);

    [LoggerMessage(1102, LogLevel.Warning, "{What} could not be taken up where the last end left it: {Why}")]
    private partial void LogNotTakenUp(string what, string why);

    /// <summary>Something to take up, and what comes of it.</summary>
    private sealed class Errand(string what, Func<CancellationToken, Task<IReadOnlyList<Errand>>> run)
    {
        public string What { get; } = what;

        public Func<CancellationToken, Task<IReadOnlyList<Errand>>> RunAsync { get; } = run;

        public bool HasFailed { get; set; }
    }
}
