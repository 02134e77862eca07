using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>An overlay's errors in the words that reach users.</summary>
internal static class OverlayErrors
{
    public static SnapshotGrainsException Translate(string disk, Exception error) => new(
        error switch
        {
            OverlayFullException => ErrorCode.NoSpace,
            OverlayCorruptException => ErrorCode.DiskCorrupt,
            OverlayFencedException or ObjectDisposedException => ErrorCode.Fenced,

            // Another process has the files' lock: one that is gone, or going, if leases are in order.
            OverlayBusyException => ErrorCode.SiloUnavailable,
            _ => ErrorCode.DiskFailed,
        },
        $"Disk '{disk}': {error.Message}",
        error);

    /// <summary>What <see cref="Translate"/> knows.</summary>
    public static bool IsKnown(Exception error) => error is OverlayException or ObjectDisposedException;
}
