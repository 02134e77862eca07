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
        var disk = await AcquireAsync(lease, cancellationToken).ConfigureAwait(false);
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

        var resize = new PendingResize(this, disk, turn);
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

    /// <summary>
    /// A resize that was not recorded is undone: where bytes lie follows from the recorded size. The overlay of a disk
    /// that lies like its snapshot, in the clear, knows its size itself.
    /// </summary>
    /// <exception cref="SnapshotGrainsException">There are blocks where the recorded size has none: nobody was let in
    /// before a new size was recorded, so the record is an old one.</exception>
    private static async ValueTask MatchAsync(
        OverlayStore overlay, DiskInfo disk, CancellationToken cancellationToken)
    {
        var stored = DiskLayers.StoredBytesOf(disk);
        if ((disk.Format is null && disk.Key is null) || overlay.SizeBytes == stored)
        {
            return;
        }

        if (HasDataFrom(overlay, stored))
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"Disk '{disk.Name}' keeps more than the {disk.SizeBytes} bytes that its record says; the record may "
                + "be an old one: try again in a moment.");
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
    private sealed class PendingResize(DiskHome home, OpenDisk disk, DiskTurns.Turn turn) : IDiskResize
    {
        private bool _isKept;

        public void Keep() => _isKept = true;

        public async ValueTask DisposeAsync()
        {
            if (!_isKept)
            {
                home._open.TryRemove(new(disk.Id, disk));
                disk.Fence();
                await home.CloseAsync(disk).ConfigureAwait(false);
            }

            End();
            await home.ReleaseAsync(disk).ConfigureAwait(false);
        }

        public void End()
        {
            disk.EndResize();
            turn.Dispose();
        }
    }
}
