using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <summary>
/// Lets a node's disks go when it is cut off. The others vote it out and take its disks over, but whose files are on a
/// network of their own are locked for as long as this process has them open, and their guests would wait.
/// </summary>
/// <remarks>
/// Cut off is who hears neither from the cluster's database nor from any node that could take the disks over. A disk
/// stays here whose guests are here, or come through all the same.
/// </remarks>
public sealed partial class CutOffWatch : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ResumeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A little less than the others take to vote.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5.5);

    private readonly DiskHome _home;
    private readonly IGrainFactory _grains;
    private readonly IReadOnlyCollection<string> _self;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly NodeSurvey _silos;
    private readonly ConcurrentDictionary<string, bool> _left = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private HashSet<SiloAddress> _known = [];
    private SiloAddress[] _heirs = [];
    private (long At, IReadOnlyDictionary<Guid, long> Requests)? _silence;

    /// <summary>Begins to watch.</summary>
    /// <param name="home">The disks of this process.</param>
    /// <param name="grains">The road to the silos.</param>
    /// <param name="self">The addresses of this process's silos.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where events go.</param>
    public CutOffWatch(
        DiskHome home, IGrainFactory grains, IReadOnlyCollection<string> self, TimeProvider time,
        ILogger<CutOffWatch> log)
    {
        (_home, _grains, _self, _time, _log) = (home, grains, self, time, log);
        _silos = new NodeSurvey(grains, AnswerTimeout, time);
        _work = Task.Run(() => WatchAsync(_stop.Token));
    }

    /// <summary>Ends the watch.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await LookAsync(stop).ConfigureAwait(false);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                LogFailed(error);
            }
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var look = (At: _time.GetTimestamp(), Requests: _home.CountRequests());
        if (await ListAsync(stop).ConfigureAwait(false) is { } silos)
        {
            _silence = null;
            await LearnAsync(silos, stop).ConfigureAwait(false);
            await ResumeAsync(stop).ConfigureAwait(false);
        }
        else if (await IsHeardAsync(stop).ConfigureAwait(false))
        {
            _silence = null;
        }
        else if (_silence is not { } before)
        {
            _silence = look; // one look is not enough, however long it took: this process may have stood still itself
        }
        else if (_time.GetElapsedTime(before.At) >= Patience)
        {
            _silence = null; // a disk that is used now may not be later
            await _home.LeaveUnusedAsync(before.Requests, Left, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The silos, as the database has them; null when it is not reached.</summary>
    private async Task<IReadOnlyCollection<SiloAddress>?> ListAsync(CancellationToken stop)
    {
        try
        {
            return await _silos.ListAsync().WaitAsync(AnswerTimeout, _time, stop).ConfigureAwait(false);
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            return null; // for whatever reason: each provider has errors of its own
        }
    }

    private async Task<bool> IsHeardAsync(CancellationToken stop) => _heirs.Length == 0
        || (await _silos.AskAsync(_heirs, node => node.DescribeAsync(stop), stop).ConfigureAwait(false)).Count > 0;

    /// <summary>Who could take the disks over: asked again only when others are there than before.</summary>
    private async Task LearnAsync(IReadOnlyCollection<SiloAddress> silos, CancellationToken stop)
    {
        if (_known.SetEquals(silos))
        {
            return;
        }

        var others = silos.Where(silo => !_self.Contains(silo.ToParsableString())).ToArray();
        var nodes = await _silos.AskAsync(others, node => node.DescribeAsync(stop), stop).ConfigureAwait(false);

        // Who does not answer may be cut off together with the database: he was one, so he is.
        _heirs = [.. others.Where(silo => nodes.TryGetValue(silo, out var node)
            ? node.Home == _home.Directory : _heirs.Contains(silo))];
        _known = nodes.Count == others.Length ? [.. silos] : [];
    }

    private void Left(DiskInfo disk)
    {
        _left[disk.Name] = false;
        LogLeft(disk.Name);
    }

    /// <summary>Wherever they are now, disks that hydrated here go on; at the next look, if they cannot yet.</summary>
    private async Task ResumeAsync(CancellationToken stop)
    {
        foreach (var (disk, isTold) in _left)
        {
            try
            {
                await _grains.GetGrain<IDiskGrain>(disk).ResumeAsync(stop)
                    .WaitAsync(ResumeTimeout, _time, stop).ConfigureAwait(false);
                _left.TryRemove(disk, out _);
            }
            catch (SnapshotGrainsException error) when (!error.IsTransient)
            {
                LogNotResumed(disk, error.Message);
                _left.TryRemove(disk, out _);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                if (!isTold)
                {
                    LogNotResumed(disk, error.Message);
                }

                _left[disk] = true;
                if (error is TimeoutException)
                {
                    return; // the others will not fare better, and whether this node is cut off must be seen
                }
            }
        }
    }

    [LoggerMessage(1611, LogLevel.Warning,
        "This node is cut off from the others: it let disk '{Disk}' go, which nobody uses here")]
    private partial void LogLeft(string disk);

    [LoggerMessage(1612, LogLevel.Warning, "Disk '{Disk}', which was let go, does not load on yet: {Why}")]
    private partial void LogNotResumed(string disk, string why);

    [LoggerMessage(1613, LogLevel.Error, "Whether this node is cut off could not be told")]
    private partial void LogFailed(Exception error);
}
