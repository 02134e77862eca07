using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>How a job begins, ends, and is interrupted.</summary>
internal sealed partial class HydrationScheduler
{
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    /// <summary>Opens a disk for its job. What its parent has no data for is zero at once.</summary>
    private async Task OpenAsync(HydrationJob job, CancellationToken stop)
    {
        OpenDisk? disk = null;
        try
        {
            disk = await _host.AcquireAsync(job.Lease, stop).ConfigureAwait(false);
            var parent = disk.Overlay.IsComplete
                ? null : await disk.Parent.OpenAsync(stop).ConfigureAwait(false);
            if (parent is not null)
            {
                await ZeroHolesAsync(disk, parent.Map, stop).ConfigureAwait(false);
            }

            if (Join(job, disk, parent))
            {
                disk = null;
            }

            if (job.Disk is { Overlay.IsComplete: true })
            {
                await FinishAsync(job, stop).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            await InterruptAsync(job, error, stop).ConfigureAwait(false);
        }
        finally
        {
            job.IsOpening = false;
            if (disk is not null)
            {
                await _host.ReleaseAsync(disk).ConfigureAwait(false);
            }
        }
    }

    private static async Task ZeroHolesAsync(OpenDisk disk, SegmentMap map, CancellationToken stop)
    {
        if (!disk.TryBeginCopy())
        {
            throw new SnapshotGrainsException(ErrorCode.InUse, $"Disk '{disk.Name}' is being resized.");
        }

        try
        {
            await ZeroHolesAsync(disk.Overlay, map, stop).ConfigureAwait(false);
        }
        finally
        {
            disk.EndCopy();
        }
    }

    private static async Task ZeroHolesAsync(OverlayStore overlay, SegmentMap map, CancellationToken stop)
    {
        var end = Math.Min(map.SizeBytes, overlay.SizeBytes);
        for (long offset = 0; offset < end;)
        {
            var runEnd = Math.Min(end, map.EndOfRun(offset, end, out var isZero));
            if (isZero)
            {
                // At the parent's end the last block may reach beyond it, where zeros follow as well.
                var aligned = Math.Min(overlay.SizeBytes, RoundUp(runEnd));
                await overlay.HydrateZeroesAsync(offset, aligned - offset, stop).ConfigureAwait(false);
            }

            offset = runEnd;
        }
    }

    private static long RoundUp(long offset) =>
        (offset + OverlayStore.BlockBytes - 1) / OverlayStore.BlockBytes * OverlayStore.BlockBytes;

    private bool Join(HydrationJob job, OpenDisk disk, ReplicaReader? parent)
    {
        lock (_gate)
        {
            if (job.IsEnded)
            {
                return false;
            }

            job.Disk = disk;
            if (parent is null)
            {
                return true;
            }

            var scan = _scans.Find(scan => scan.Parent == parent);
            if (scan is null)
            {
                scan = new HydrationScan(parent);
                _scans.Add(scan);
            }

            scan.Jobs.Add(job);
            disk.OnColdRead = offset =>
            {
                job.Touch(offset);
                Wake();
            };
        }

        return true;
    }

    private async Task<bool> TryFinishAsync(HydrationJob job, CancellationToken stop)
    {
        try
        {
            await FinishAsync(job, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            await InterruptAsync(job, error, stop).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>Durable first: a job whose last commit fails has not ended.</summary>
    private async Task FinishAsync(HydrationJob job, CancellationToken stop)
    {
        if (job.Disk is not { } open)
        {
            return;
        }

        await open.Overlay.FlushAsync(stop).ConfigureAwait(false);
        OpenDisk? disk;
        lock (_gate)
        {
            disk = job.Disk == open ? End(job) : null;
        }

        if (disk is not null)
        {
            LogCompleted(disk.Name);
            _host.Completed(disk.Info);
            await _host.ReleaseAsync(disk).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// What may pass is tried again after a pause; what cannot pass, or does not for long, ends the job and is
    /// recorded with the disk. A fence only means that the disk must be opened anew.
    /// </summary>
    private async Task InterruptAsync(HydrationJob job, Exception error, CancellationToken stop)
    {
        OpenDisk? disk;
        bool hasFailed;
        var isFenced = error is OverlayFencedException or ObjectDisposedException
            or SnapshotGrainsException { Code: ErrorCode.Fenced };
        lock (_gate)
        {
            if (job.IsEnded)
            {
                return;
            }

            job.Failures++;
            hasFailed = job.Failures >= _options.MaxAttempts && !IsOutage(error);
            var pause = _options.FirstBackOff * Math.Pow(2, Math.Min(job.Failures - 1, 10));
            job.RetryAt = _time.GetTimestamp()
                + (long)((pause < LongestBackOff ? pause : LongestBackOff).TotalSeconds * _time.TimestampFrequency);

            // A job that waits for its last commit only is in no walk: nothing but its opening brings it back.
            var isInScan = _scans.Exists(scan => scan.Jobs.Contains(job));
            disk = hasFailed ? End(job) : isFenced || !isInScan ? Detach(job) : null;
        }

        if (disk is not null)
        {
            await _host.ReleaseAsync(disk).ConfigureAwait(false);
        }

        if (hasFailed)
        {
            LogFailed(job.Lease.Disk.Name, error.Message);
            _host.Failed(job.Lease.Disk, error.Message);
            return;
        }

        LogInterrupted(job.Lease.Disk.Name, job.Failures, error.Message);
        if (isFenced)
        {
            await RenewAsync(job, stop).ConfigureAwait(false);
        }
    }

    private async Task RenewAsync(HydrationJob job, CancellationToken stop)
    {
        try
        {
            var lease = await _host.RenewAsync(job.Lease.Disk.Name, stop).ConfigureAwait(false);
            if (lease.Disk.Id == job.DiskId)
            {
                job.Lease = lease;
                return;
            }
        }
        catch (SnapshotGrainsException error) when (error.IsTransient)
        {
            // The old lease will be refused again, and then there is another try.
            return;
        }
        catch (SnapshotGrainsException error) when (error.Code is ErrorCode.NotFound or ErrorCode.InUse)
        {
            LogInterrupted(job.Lease.Disk.Name, job.Failures, error.Message);
        }

        // Deleted, maybe created anew under its name: not this job's disk any more.
        lock (_gate)
        {
            End(job);
        }
    }

    /// <summary>An image center or silo that is away comes back; no disk fails for waiting.</summary>
    private static bool IsOutage(Exception error) => error is SnapshotGrainsException
    {
        Code: ErrorCode.ImageCenterUnavailable or ErrorCode.SegmentTimeout or ErrorCode.SiloUnavailable
            or ErrorCode.CacheExhausted,
    };
}
