using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <content>Giving disks to another process of the same directory.</content>
public sealed partial class DiskHome
{
    /// <inheritdoc />
    public int OpenDisks => _open.Count;

    /// <inheritdoc />
    public async Task<bool> MoveAwayAsync(Guid diskId, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        if (!_open.TryGetValue(diskId, out var disk))
        {
            return true;
        }

        if (disk.IsAttachedOtherwise(DiskForm.Stored) || _snapshots.IsCopying(diskId))
        {
            return false;
        }

        await _hydration.StopAsync(diskId, cancellationToken).ConfigureAwait(false);
        _open.TryRemove(new(diskId, disk));

        // Whoever is sent away has what he did not flush, and writes it again there.
        disk.Fence();
        await CloseAsync(disk).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc />
    public async Task<int> MoveAwayAsync(CancellationToken cancellationToken)
    {
        var moved = 0;
        foreach (var id in _open.Keys)
        {
            moved += await MoveAwayAsync(id, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return moved;
    }
}
