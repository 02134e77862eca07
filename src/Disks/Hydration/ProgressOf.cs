using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>Puts a disk's progress together from its overlay, its parent's map and its job.</summary>
internal static class ProgressOf
{
    public static HydrationProgress Disk(OpenDisk disk, SegmentMap? parent, HydrationJob? job)
    {
        var overlay = disk.Overlay;
        var statistics = overlay.Statistics;
        var progress = statistics.Progress;
        var toFetch = parent is null ? 0 : RemainingFetch(overlay, parent);
        var rate = job?.Rate.BytesPerSecond ?? 0;
        return new HydrationProgress(
            disk.Name,
            disk.Info.State,
            overlay.SizeBytes,
            Bytes(progress.GuestRead),
            Bytes(progress.Prefetched),
            Bytes(progress.Hydrated),
            Bytes(progress.Overwritten),
            Bytes(progress.Trimmed),
            Bytes(progress.Zero),
            Bytes(statistics.ParentBlocks),
            toFetch,
            rate,
            rate > 0 ? toFetch / rate : null,
            job is not null);
    }

    private static long Bytes(long blocks) => blocks * OverlayStore.BlockBytes;

    /// <summary>A segment is read whole if the overlay lacks any of it.</summary>
    private static long RemainingFetch(OverlayStore overlay, SegmentMap parent)
    {
        long bytes = 0;
        var end = Math.Min(parent.SizeBytes, overlay.SizeBytes);
        for (var n = parent.NextData(0); n < parent.SegmentCount; n = parent.NextData(n + 1))
        {
            var offset = n * parent.SegmentSizeBytes;
            if (offset >= end)
            {
                break;
            }

            if (overlay.HasParentBlocks(offset, Math.Min(parent.LengthOf(n), end - offset)))
            {
                bytes += parent.LengthOf(n);
            }
        }

        return bytes;
    }
}
