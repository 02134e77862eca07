using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>Opening, sharing and closing overlays.</summary>
public sealed partial class DiskHome
{
    private static readonly DiskClaim NoClaim = new();

    private Task<OpenDisk> AcquireAsync(DiskLease lease, CancellationToken cancellationToken) =>
        AcquireAsync(lease, fenceEpoch: 0, NoClaim, lease.Disk.SizeBytes, cancellationToken);

    /// <summary>
    /// The disk, as it is open or else opened under the lease's epoch. Between a lease and its use others may have been
    /// given newer or older ones: they all share what is open, so that nobody is fenced by chance, but by who asks for
    /// it with <paramref name="fenceEpoch"/>. Give it back with <see cref="ReleaseAsync"/>.
    /// </summary>
    private async Task<OpenDisk> AcquireAsync(
        DiskLease lease, long fenceEpoch, DiskClaim claim, long sizeBytes, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed == 1, this);
        var id = lease.Disk.Id;
        using var turn = await _turns.EnterAsync(id, cancellationToken).ConfigureAwait(false);
        if (_deleted.Contains(id))
        {
            throw new SnapshotGrainsException(ErrorCode.NotFound, $"Disk '{lease.Disk.Name}' was deleted.");
        }

        if (_open.TryGetValue(id, out var open))
        {
            if (open.Epoch > fenceEpoch && !open.Overlay.HasFailed)
            {
                return Use(open, lease.Disk);
            }

            if (open.Epoch >= lease.Epoch)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.Fenced, $"Disk '{lease.Disk.Name}' was opened anew meanwhile; try again.");
            }

            // Whatever becomes of opening it anew: this one is of no use to anybody any more, and closed for that.
            _open.TryRemove(new(id, open));
            open.Fence();
            await CloseAsync(open).ConfigureAwait(false);
        }

        try
        {
            var overlay = await OpenOverlayAsync(lease, claim, cancellationToken).ConfigureAwait(false);
            await MatchOrCloseAsync(overlay, lease.Disk, sizeBytes, cancellationToken).ConfigureAwait(false);
            return Use(_open[id] = new OpenDisk(lease, overlay, Readers), lease.Disk);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate(lease.Disk.Name, error);
        }
    }

    private OpenDisk Use(OpenDisk disk, DiskInfo info)
    {
        lock (_gate)
        {
            disk.Users++;
        }

        disk.Info = info;
        return disk;
    }

    /// <summary>
    /// The last user's writes are made durable; the overlay stays open for a while. A disk that has all its blocks by
    /// now, because its guest wrote them, is ready.
    /// </summary>
    private async ValueTask ReleaseAsync(OpenDisk disk)
    {
        lock (_gate)
        {
            disk.Users--;
            if (disk.Users > 0)
            {
                return;
            }

            disk.IdleSince = _time.GetTimestamp();
        }

        if (!_open.TryGetValue(disk.Id, out var current) || current != disk)
        {
            return;
        }

        try
        {
            await disk.Overlay.FlushAsync().ConfigureAwait(false);
            if (disk.Overlay.IsComplete && disk.Info.NeedsParent)
            {
                // A copy that outlives its hydration may be what completed it, since the flush.
                await disk.Overlay.FlushAsync().ConfigureAwait(false);
                ReportCompleted(disk.Info);
            }
        }
        catch (Exception error) when (error is OverlayFencedException or ObjectDisposedException)
        {
            // Taken over, deleted or closed since it was looked at above: whoever did so says what that may cost.
            return;
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            LogCloseFailed(disk.Name, error.Message);
        }

        await CloseIdleAsync().ConfigureAwait(false);
    }

    private async ValueTask CloseIdleAsync()
    {
        OpenDisk? oldest;
        lock (_gate)
        {
            var idle = _open.Values.Where(disk => disk.Users == 0).ToArray();
            oldest = idle.Length > MaxIdle ? idle.MinBy(disk => disk.IdleSince) : null;
        }

        if (oldest is null)
        {
            return;
        }

        // Without waiting: who gives this one back may be in that turn. The next who gives one back tries again.
        using var turn = _turns.TryEnter(oldest.Id);
        if (turn is null)
        {
            return;
        }

        bool isIdle;
        lock (_gate)
        {
            isIdle = oldest.Users == 0 && _open.TryRemove(new(oldest.Id, oldest));
        }

        if (isIdle)
        {
            await CloseAsync(oldest).ConfigureAwait(false);
        }
    }

    private async ValueTask CloseAsync(OpenDisk disk)
    {
        try
        {
            await disk.Overlay.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            LogCloseFailed(disk.Name, error.Message);
        }
    }
}
