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
}
