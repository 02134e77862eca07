using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>How a segment is read and gets into the disks that lack it.</summary>
internal sealed partial class HydrationScheduler
{
    private async Task RunAsync(HydrationUnit unit, CancellationToken stop)
    {
        try
        {
            await _limit.TakeAsync(unit.Length, stop).ConfigureAwait(false);
            var slice = await unit.Scan.Parent
                .LeaseAsync(unit.Offset, unit.Length, FetchPriority.Background, stop).ConfigureAwait(false);
            try
            {
                foreach (var job in unit.Jobs)
                {
                    await CopyAsync(job, unit, slice, stop).ConfigureAwait(false);
                }
            }
            finally
            {
                slice.Release();
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            foreach (var job in unit.Jobs)
            {
                await InterruptAsync(job, error, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_gate)
            {
                unit.Scan.Finish(unit);
            }

            Wake();
        }
    }

    /// <summary>One disk's trouble is not another's.</summary>
    private async Task CopyAsync(HydrationJob job, HydrationUnit unit, SegmentSlice slice, CancellationToken stop)
    {
        if (job.Disk is not { } disk || job.IsEnded)
        {
            return;
        }

        try
        {
            if (await TryStoreAsync(job, disk, unit, slice, stop).ConfigureAwait(false) && disk.Overlay.IsComplete)
            {
                await FinishAsync(job, stop).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            await InterruptAsync(job, error, stop).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Asks no grain for anything: one that changes the disk's size waits for this. False when the size changes.
    /// </summary>
    private async Task<bool> TryStoreAsync(
        HydrationJob job, OpenDisk disk, HydrationUnit unit, SegmentSlice slice, CancellationToken stop)
    {
        if (!disk.TryBeginCopy())
        {
            return false;
        }

        try
        {
            await StoreAsync(disk.Overlay, unit, slice, stop).ConfigureAwait(false);
            job.Rate.Add(unit.Length);
            job.Failures = 0;
            if (Interlocked.Increment(ref job.Uncommitted) >= _options.SegmentsPerCommit)
            {
                Volatile.Write(ref job.Uncommitted, 0);
                await disk.Overlay.FlushAsync(stop).ConfigureAwait(false);
            }

            return true;
        }
        finally
        {
            disk.EndCopy();
        }
    }

    /// <summary>
    /// A disk may be shorter than its parent, or longer: then the parent's last block may need zeros after it.
    /// </summary>
    private async ValueTask StoreAsync(
        OverlayStore overlay, HydrationUnit unit, SegmentSlice slice, CancellationToken stop)
    {
        var bytes = slice.Buffer!.Memory.Slice(slice.Offset, slice.Length);
        var length = (int)Math.Clamp(overlay.SizeBytes - unit.Offset, 0, bytes.Length);
        var isDiskEnd = unit.Offset + length == overlay.SizeBytes;
        var whole = isDiskEnd ? length : length / OverlayStore.BlockBytes * OverlayStore.BlockBytes;
        if (whole > 0)
        {
            await CopyAsync(overlay, unit.Offset, bytes[..whole], unit.Source, stop).ConfigureAwait(false);
        }

        if (whole < length)
        {
            var last = new byte[Math.Min(OverlayStore.BlockBytes, overlay.SizeBytes - unit.Offset - whole)];
            bytes[whole..length].CopyTo(last);
            await CopyAsync(overlay, unit.Offset + whole, last, unit.Source, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The copy itself, off the threads that serve guests; only the wait for a commit is here.</summary>
    private async Task CopyAsync(
        OverlayStore overlay, long offset, ReadOnlyMemory<byte> bytes, OverlaySource source, CancellationToken stop)
    {
        var copy = await _copier.RunAsync(() => overlay.HydrateAsync(offset, bytes, source, stop).AsTask())
            .ConfigureAwait(false);
        await copy.ConfigureAwait(false);
    }
}
