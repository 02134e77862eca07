namespace SnapshotGrains.Client;

/// <summary>The road to a disk's own blocks, wherever its home is.</summary>
public interface IDiskPlane
{
    /// <summary>Attaches a disk.</summary>
    /// <param name="wish">The disk, and how it is wanted; only what guests see needs the key here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disk; dispose it to detach.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: another holder writes to it, or it is
    /// being deleted; <see cref="ErrorCode.Fenced"/>: it is resumed, and somebody else wrote to it;
    /// <see cref="ErrorCode.KeyUnavailable"/>; <see cref="ErrorCode.NotFound"/>.</exception>
    ValueTask<VirtualDisk> AttachAsync(DiskExportName wish, CancellationToken cancellationToken);
}
