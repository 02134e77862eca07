namespace SnapshotGrains.Client;

/// <summary>The road to a disk's own blocks, wherever its home is.</summary>
public interface IDiskPlane
{
    /// <summary>Attaches a disk.</summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="access">For what, and whether another writer is fenced.</param>
    /// <param name="holder">Who attaches: attachments of one holder may write at the same time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disk; dispose it to detach.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: another holder writes to it, or it is
    /// being deleted; <see cref="ErrorCode.NotFound"/>.</exception>
    ValueTask<VirtualDisk> AttachAsync(
        string disk, DiskAccess access, string holder, CancellationToken cancellationToken);
}
