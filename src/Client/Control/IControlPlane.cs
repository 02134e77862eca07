namespace SnapshotGrains.Client;

/// <summary>What can be asked of the cluster besides bytes; over grain calls or over HTTP.</summary>
/// <remarks>Every call throws <see cref="SnapshotGrainsException"/> with the code of what failed.</remarks>
public interface IControlPlane
{
    /// <summary>All images, by name.</summary>
    Task<IReadOnlyList<ImageInfo>> ListImagesAsync(CancellationToken cancellationToken);

    /// <summary>One image, with the number of its disks.</summary>
    Task<ImageInfo> GetImageAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>Deletes an image that no disk was cloned from.</summary>
    Task DeleteImageAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>Clones a snapshot to new disks; equal disks that exist are left alone.</summary>
    Task<IReadOnlyList<DiskInfo>> CloneAsync(
        SnapshotId snapshot, IReadOnlyList<string> disks, CancellationToken cancellationToken);

    /// <summary>All disks, by name.</summary>
    Task<IReadOnlyList<DiskInfo>> ListDisksAsync(CancellationToken cancellationToken);

    /// <summary>One disk.</summary>
    Task<DiskInfo> GetDiskAsync(string disk, CancellationToken cancellationToken);

    /// <summary>Deletes a disk.</summary>
    Task DeleteDiskAsync(string disk, CancellationToken cancellationToken);

    /// <summary>The silos that answer.</summary>
    Task<IReadOnlyList<NodeInfo>> ListNodesAsync(CancellationToken cancellationToken);
}
