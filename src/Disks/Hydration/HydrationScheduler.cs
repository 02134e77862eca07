using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Disks;

/// <summary>
/// Hydrates this node's disks: what guests wait for first, then disks that were asked to hurry, then the others, all
/// within one cap. Steps back while guests are busy.
/// </summary>
internal sealed partial class HydrationScheduler : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly IHydrationHost _host;
    private readonly HydrationOptions _options;
    private readonly TimeProvider _time;
    private readonly HydrationPace _pace;
    private readonly RateLimit _limit;
    private readonly BackgroundThread _copier = new("hydration");
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, HydrationJob> _jobs = [];
    private readonly List<HydrationScan> _scans = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _workers;
    private int _turn;

    public HydrationScheduler(
        IHydrationHost host, HydrationOptions options, GuestActivity guests, TimeProvider time, ILogger log)
    {
        options.Validate();
        (_host, _options, _time, _log) = (host, options, time, log);
        _pace = new HydrationPace(guests, time);
        _limit = new RateLimit(time);
        _workers = [.. Enumerable.Range(0, options.Parallelism).Select(index => Task.Run(() => WorkAsync(index)))];
    }

    /// <summary>Most bytes a second that all disks together read; null: no limit.</summary>
    public long? BytesPerSecond
    {
        get => _limit.BytesPerSecond;
        set => _limit.BytesPerSecond = value;
    }

    /// <summary>Adds a disk, or changes how urgent it is.</summary>
    public void Start(DiskLease lease, bool isUrgent)
    {
        lock (_gate)
        {
            if (_jobs.TryGetValue(lease.Disk.Id, out var job))
            {
                job.IsUrgent = isUrgent;
                job.RetryAt = 0;
            }
            else
            {
                _jobs[lease.Disk.Id] = new HydrationJob(lease, isUrgent, _time);
            }
        }

        Wake();
    }

    /// <summary>
    /// Ends a disk's hydration; what was copied is durable when the task completes. Does not wait for segments that
    /// are being read: they find that nobody wants them.
    /// </summary>
    public async Task StopAsync(Guid diskId, CancellationToken cancellationToken)
    {
        OpenDisk? disk;
        lock (_gate)
        {
            if (!_jobs.TryGetValue(diskId, out var job))
            {
                return;
            }

            disk = End(job);
        }

        if (disk is not null)
        {
            await LeaveAsync(disk, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Disks that hydrate, or wait for their turn.</summary>
    public IReadOnlyCollection<DiskInfo> Disks
    {
        get
        {
            lock (_gate)
            {
                return [.. _jobs.Values.Select(job => job.Lease.Disk)];
            }
        }
    }

    /// <summary>The job of a disk, or null when it is neither running nor queued.</summary>
    public HydrationJob? Find(Guid diskId)
    {
        lock (_gate)
        {
            return _jobs.GetValueOrDefault(diskId);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_workers).ConfigureAwait(false);
        foreach (var diskId in _jobs.Keys.ToArray())
        {
            await StopAsync(diskId, CancellationToken.None).ConfigureAwait(false);
        }

        _copier.Dispose();
        _work.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync(int worker)
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _pace.WaitAsync(worker, stop).ConfigureAwait(false);
                if (!await TryWorkAsync(worker, stop).ConfigureAwait(false))
                {
                    // Retries come due without anybody waking us.
                    await _work.WaitAsync(_options.FirstBackOff, stop).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogUnexpected(error);
                await Task.Delay(_options.FirstBackOff, _time, stop)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<bool> TryWorkAsync(int worker, CancellationToken stop)
    {
        HydrationJob? toOpen;
        HydrationJob? toFinish = null;
        HydrationUnit? unit = null;
        lock (_gate)
        {
            toOpen = NextToOpen();
            unit = toOpen is null ? NextUnit() : null;
            toFinish = toOpen is null && unit is null ? NextToFinish() : null;
        }

        if (toOpen is not null)
        {
            await OpenAsync(toOpen, stop).ConfigureAwait(false);
            return true;
        }

        if (unit is null)
        {
            return toFinish is not null && await TryFinishAsync(toFinish, stop).ConfigureAwait(false);
        }

        var started = _time.GetTimestamp();
        await RunAsync(unit, stop).ConfigureAwait(false);
        _pace.Worked(worker, _time.GetElapsedTime(started));
        return true;
    }

    private HydrationJob? NextToOpen()
    {
        var now = _time.GetTimestamp();
        var open = _jobs.Values.Count(job => job.Disk is not null || job.IsOpening);
        if (open >= _options.MaxOpenDisks)
        {
            return null;
        }

        var job = _jobs.Values.Where(job => job.Disk is null && !job.IsOpening && job.RetryAt <= now)
            .MaxBy(job => job.IsUrgent);
        if (job is not null)
        {
            job.IsOpening = true;
        }

        return job;
    }

    /// <summary>A job whose last missing blocks its guest has written: no segment is left that would end it.</summary>
    private HydrationJob? NextToFinish()
    {
        var now = _time.GetTimestamp();
        return _jobs.Values.FirstOrDefault(
            job => !job.IsOpening && job.RetryAt <= now && job.Disk is { Overlay.IsComplete: true });
    }

    private HydrationUnit? NextUnit()
    {
        var now = _time.GetTimestamp();
        bool IsDue(HydrationJob job) => job.RetryAt <= now;
        _turn = _scans.Count == 0 ? 0 : (_turn + 1) % _scans.Count;
        return First(scan => scan.NextTouched())
            ?? First(scan => scan.Next(job => job.IsUrgent && IsDue(job)))
            ?? First(scan => scan.Next(IsDue));
    }

    /// <summary>Takes turns among the parents.</summary>
    private HydrationUnit? First(Func<HydrationScan, HydrationUnit?> next)
    {
        for (var i = 0; i < _scans.Count; i++)
        {
            if (next(_scans[(_turn + i) % _scans.Count]) is { } unit)
            {
                return unit;
            }
        }

        return null;
    }

    /// <summary>Takes a job out; returns the disk that its owner must give back. Under the gate.</summary>
    private OpenDisk? End(HydrationJob job)
    {
        if (job.IsEnded)
        {
            return null;
        }

        job.IsEnded = true;
        _jobs.Remove(job.DiskId);
        return Detach(job);
    }

    private OpenDisk? Detach(HydrationJob job)
    {
        var disk = job.Disk;
        job.Disk = null;
        if (disk is not null)
        {
            disk.OnColdRead = null;
            var scan = _scans.Find(scan => scan.Jobs.Remove(job));
            if (scan is { Jobs.Count: 0 })
            {
                _scans.Remove(scan);
            }
        }

        return disk;
    }

    /// <summary>
    /// Makes durable what was copied, and gives the disk back. Where that fails, a crash may cost these copies and no
    /// more: it must not stand in the way of a pause or a deletion. After a fence there is nothing left to do.
    /// </summary>
    private async Task LeaveAsync(OpenDisk disk, CancellationToken cancellationToken)
    {
        try
        {
            await disk.Overlay.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            LogNotFlushed(disk.Name, error.Message);
        }
        finally
        {
            await _host.ReleaseAsync(disk).ConfigureAwait(false);
        }
    }

    private void Wake()
    {
        // Each worker needs at most one call; more would only make idle ones look again and again.
        if (_work.CurrentCount < _workers.Length)
        {
            _work.Release();
        }
    }
}
