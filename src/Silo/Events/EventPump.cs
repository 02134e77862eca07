using System.Collections.Concurrent;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Events;

/// <summary>
/// Looks, while somebody listens, at what does not tell by itself: batch clones that run and, where it is wanted, disks
/// that hydrate.
/// </summary>
internal sealed partial class EventPump : IAsyncDisposable
{
    /// <summary>Disks looked at a round; of more, each has its turn.</summary>
    private const int MaxLooks = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ILogger<EventPump> _log;
    private readonly EventHub _hub;
    private readonly IControlPlane _control;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, byte> _hydrating = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _batches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private bool _isAware;
    private int _turn;

    /// <summary>Starts to look.</summary>
    public EventPump(EventHub hub, IControlPlane control, TimeProvider time, ILogger<EventPump> log)
    {
        (_hub, _control, _time, _log) = (hub, control, time, log);
        _hub.DiskPublished += Note;
        _hub.BatchPublished += Note;
        _work = Task.Run(() => RunAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        _hub.DiskPublished -= Note;
        _hub.BatchPublished -= Note;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static bool Hydrates(DiskInfo disk) =>
        disk is { State: DiskState.LazyLoading, Hydration: not HydrationMode.None };

    private void Note(DiskInfo disk)
    {
        if (Hydrates(disk))
        {
            _hydrating[disk.Name] = 0;
        }
        else
        {
            _hydrating.TryRemove(disk.Name, out _);
        }
    }

    private void Note(BatchClone batch)
    {
        if (batch.State == BatchCloneState.Running)
        {
            _batches[batch.Id] = 0;
        }
        else
        {
            _batches.TryRemove(batch.Id, out _);
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await LookAsync(_hub.Queries, stop).ConfigureAwait(false);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                LogFailed(error.Message);
            }
        }
    }

    private async Task LookAsync(IReadOnlyList<EventQuery> queries, CancellationToken stop)
    {
        if (queries.Count == 0)
        {
            return;
        }

        if (!_isAware)
        {
            await LookAroundAsync(stop).ConfigureAwait(false);
            _isAware = true;
        }

        foreach (var id in _batches.Keys)
        {
            await LookAtBatchAsync(id, stop).ConfigureAwait(false);
        }

        var wanted = queries.Where(query => query.Hydration).ToArray();
        if (wanted.Length > 0)
        {
            var isWantedOfAll = wanted.Any(query => query.Disk is null);
            await LookAtDisksAsync(
                [.. _hydrating.Keys.Where(disk => isWantedOfAll || wanted.Any(query => query.Disk == disk))], stop)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Once: later changes are heard of.</summary>
    private async Task LookAroundAsync(CancellationToken stop)
    {
        foreach (var disk in (await _control.ListDisksAsync(stop).ConfigureAwait(false)).Where(Hydrates))
        {
            _hydrating.TryAdd(disk.Name, 0);
        }

        foreach (var batch in await _control.ListBatchClonesAsync(stop).ConfigureAwait(false))
        {
            if (batch.State == BatchCloneState.Running)
            {
                _batches.TryAdd(batch.Id, 0);
            }
        }
    }

    private async Task LookAtBatchAsync(string id, CancellationToken stop)
    {
        try
        {
            _hub.Publish(await _control.GetBatchCloneAsync(id, stop).ConfigureAwait(false), EventOrigin.Seen);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            _batches.TryRemove(id, out _);
        }
    }

    private async Task LookAtDisksAsync(string[] disks, CancellationToken stop)
    {
        var count = Math.Min(disks.Length, MaxLooks);
        for (var i = 0; i < count; i++)
        {
            var disk = disks[(_turn + i) % disks.Length];
            try
            {
                var progress = await _control.GetHydrationAsync(disk, stop).ConfigureAwait(false);
                if (progress.IsRunning)
                {
                    _hub.Publish(progress);
                }
            }
            catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
            {
                _hydrating.TryRemove(disk, out _);
            }
            catch (SnapshotGrainsException error) when (error.Code == ErrorCode.InUse)
            {
                // It is being resized, or is about to go: the next look tells.
            }
        }

        _turn = disks.Length == 0 ? 0 : (_turn + count) % disks.Length;
    }

    [LoggerMessage(1201, LogLevel.Debug, "Nothing could be told to those who listen to events: {Why}")]
    private partial void LogFailed(string why);
}
