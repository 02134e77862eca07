using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>What the image center holds. Key: 0.</summary>
[Alias("snapgrains.IImageCatalogGrain")]
public interface IImageCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>All images, by name; <see cref="ImageInfo.Disks"/> is not counted.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.ImageCenterUnavailable"/>.</exception>
    [Alias("List")]
    Task<ImmutableArray<ImageInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Records, durably, that a snapshot is to be deleted when no disk needs it, or that it is gone.</summary>
    [Alias("SetDeleting")]
    Task SetDeletingAsync(SnapshotId snapshot, bool isDeleting, CancellationToken cancellationToken);

    /// <summary>The snapshots whose deletion waits.</summary>
    [Alias("ListDeleting")]
    Task<ImmutableArray<SnapshotId>> ListDeletingAsync(CancellationToken cancellationToken);
}
