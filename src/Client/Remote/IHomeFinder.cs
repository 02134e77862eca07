using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <summary>Finds the process that keeps a disk, and connects to it.</summary>
internal interface IHomeFinder
{
    /// <summary>Connects to the disk's home as it is now.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had; transient where trying again may help.</exception>
    Task<NbdClient> ConnectAsync(DiskExportName name, CancellationToken cancellationToken);
}
