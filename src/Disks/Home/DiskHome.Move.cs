using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <content>Giving disks to another process of the same directory.</content>
public sealed partial class DiskHome
{
    /// <inheritdoc />
    public IReadOnlyCollection<DiskInfo> Disks =>
        [.. _open.Values.Select(disk => disk.Info).Concat(_hydration.Disks).DistinctBy(disk => disk.Id)];

    /// <inheritdoc />
    public async Task<bool> MoveAwayAsync(Guid diskId, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        var isOpen = _open.TryGetValue(diskId, out var disk);
        if (disk?.IsAttachedOtherwise(DiskForm.Stored) == true || _snapshots.IsCopying(diskId))
        {
            return false;
        }

        // Also of one that is not open: it waits for its turn to be.
        await _hydration.StopAsync(diskId, cancellationToken).ConfigureAwait(false);
        if (!isOpen)
        {
            return true;
        }

        _open.TryRemove(new(diskId, disk!));

        // Whoever is sent away has what he did not flush, and writes it again there.
        disk!.Fence();
        await CloseAsync(disk).ConfigureAwait(false);
        return true;
    }
}
