using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Disks;

/// <summary>Which sizes a disk can be given.</summary>
internal static class DiskSize
{
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: not one of them.</exception>
    public static void Check(long sizeBytes, DiskInfo disk)
    {
        // A set counts in full where it is begun.
        var unused = disk.Format is { } format ? 2L * format.SegmentSizeBytes * format.StripeCount : 0;
        if (sizeBytes < OverlayStore.BlockBytes || sizeBytes > OverlayStore.MaxSizeBytes - unused
            || sizeBytes % OverlayStore.BlockBytes != 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"Disk '{disk.Name}' cannot have {sizeBytes} bytes; use a multiple of {OverlayStore.BlockBytes} up to "
                + $"{ByteSize.Format(OverlayStore.MaxSizeBytes - unused)}.");
        }
    }
}
