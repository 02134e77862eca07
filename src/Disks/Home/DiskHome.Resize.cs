using SnapshotGrains.Client;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <content>Changing the size of disks.</content>
public sealed partial class DiskHome
{
    /// <inheritdoc />
    public async Task<IDiskResize> ResizeAsync(DiskLease lease, long sizeBytes, CancellationToken cancellationToken)
    {
        var disk = await AcquireAsync(lease, fenceEpoch: 0, NoClaim, sizeBytes, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            return await BeginResizeAsync(disk, sizeBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await ReleaseAsync(disk).ConfigureAwait(false);
            if (OverlayErrors.IsKnown(error))
            {
                throw OverlayErrors.Translate(disk.Name, error);
            }

            throw;
        }
    }

    private async Task<IDiskResize> BeginResizeAsync(
        OpenDisk disk, long sizeBytes, CancellationToken cancellationToken)
    {
        var turn = await _turns.EnterAsync(disk.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            RefuseIfInUse(disk);
            if (!await disk.TryBeginResizeAsync(cancellationToken).ConfigureAwait(false))
            {
                throw InUse(disk);
            }
        }
        catch
        {
            turn.Dispose();
            throw;
        }

        var resize = new PendingResize(this, disk, disk.Overlay.SizeBytes, turn);
        try
        {
            await ResizeAsync(disk, disk.Info, sizeBytes).ConfigureAwait(false);
            disk.Resized(sizeBytes);
            return resize;
        }
        catch
        {
            resize.End();
            throw;
        }
    }

    /// <summary>
    /// Where segments are filled in turns, what a smaller disk loses does not all lie at the end of what is stored: it
    /// must not come back when the disk grows again.
    /// </summary>
    private static async Task ResizeAsync(OpenDisk disk, DiskInfo info, long sizeBytes)
    {
        if (info.Format is { } format && sizeBytes < info.SizeBytes)
        {
            await ZeroAsync(disk, format.LayoutOf(sizeBytes), info.SizeBytes).ConfigureAwait(false);
        }

        await disk.Overlay.ResizeAsync(DiskLayers.StoredBytesOf(info with { SizeBytes = sizeBytes }))
            .ConfigureAwait(false);
    }

    /// <summary>Zeroes what a layout leaves out of its last set, up to the size before.</summary>
    private static async Task ZeroAsync(OpenDisk disk, StripeLayout layout, long oldSizeBytes)
    {
        var setEnd = (layout.SizeBytes + layout.SetBytes - 1) / layout.SetBytes * layout.SetBytes;
        for (var at = layout.SizeBytes; at < Math.Min(oldSizeBytes, setEnd); at += StripeLayout.MinUnitBytes)
        {
            var stored = layout.ToPhysical(at);
            if (stored < disk.Overlay.SizeBytes)
            {
                await disk.Overlay.ZeroAsync(stored, StripeLayout.MinUnitBytes, disk.Parent, isFua: false)
                    .ConfigureAwait(false);
            }
        }
    }

    private static async ValueTask MatchOrCloseAsync(
        OverlayStore overlay, DiskInfo disk, long sizeBytes, CancellationToken cancellationToken)
    {
        try
        {
            await MatchAsync(overlay, disk, sizeBytes, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await overlay.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A resize that was not recorded is undone: where bytes lie follows from the recorded size.</summary>
    /// <param name="overlay">The disk's blocks.</param>
    /// <param name="disk">What is recorded.</param>
    /// <param name="sizeBytes">The size that the disk is to have: one that has room for all blocks mends a record that
    /// has not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException">There are blocks where the recorded size has none: nobody was let in
    /// before a new size was recorded, so the record is an old one.</exception>
    private static async ValueTask MatchAsync(
        OverlayStore overlay, DiskInfo disk, long sizeBytes, CancellationToken cancellationToken)
    {
        var stored = DiskLayers.StoredBytesOf(disk);
        if (overlay.SizeBytes == stored)
        {
            return;
        }

        if (HasDataFrom(overlay, stored))
        {
            if (DiskLayers.StoredBytesOf(disk with { SizeBytes = sizeBytes }) >= overlay.SizeBytes)
            {
                return;
            }

            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"Disk '{disk.Name}' keeps more than the {disk.SizeBytes} bytes that its record says; the record may "
                + "be an old one: try again in a moment, or give the disk the size that it had.");
        }

        await overlay.ResizeAsync(stored, cancellationToken).ConfigureAwait(false);
    }

    private static bool HasDataFrom(OverlayStore overlay, long offset)
    {
        var state = OverlayBlockState.Parent;
        while (state != OverlayBlockState.Data && offset < overlay.SizeBytes)
        {
            (state, var length) = overlay.Lookup(offset, overlay.SizeBytes - offset);
            offset += length;
        }

        return state == OverlayBlockState.Data;
    }

    /// <summary>Keeps everybody out of a disk until its size is settled.</summary>
    private sealed class PendingResize(DiskHome home, OpenDisk disk, long storedBefore, DiskTurns.Turn turn)
        : IDiskResize
    {
        private bool _isKept;

        public void Keep() => _isKept = true;

        public async ValueTask DisposeAsync()
        {
            if (!_isKept)
            {
                await UndoAsync().ConfigureAwait(false);
            }

            End();
            await home.ReleaseAsync(disk).ConfigureAwait(false);
        }

        /// <summary>What cannot be undone now is when the disk is opened again.</summary>
        private async ValueTask UndoAsync()
        {
            home._open.TryRemove(new(disk.Id, disk));
            disk.Fence();
            try
            {
                await disk.Overlay.ResizeAsync(storedBefore).ConfigureAwait(false);
            }
            catch (Exception error) when (OverlayErrors.IsKnown(error))
            {
                home.LogCloseFailed(disk.Name, error.Message);
            }

            await home.CloseAsync(disk).ConfigureAwait(false);
        }

        public void End()
        {
            disk.EndResize();
            turn.Dispose();
        }
    }
}
