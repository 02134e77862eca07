using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>Lists the image center's images; the image center itself is the record.</summary>
[Reentrant]
internal sealed class ImageCatalogGrain(IImageSource source) : Grain, IImageCatalogGrain
{
    public async Task<ImmutableArray<ImageInfo>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var images = ImmutableArray.CreateBuilder<ImageInfo>();
            await foreach (var image in source.ListAsync(cancellationToken))
            {
                images.Add(Describe(image));
            }

            images.Sort((a, b) => string.CompareOrdinal(a.Id.ToString(), b.Id.ToString()));
            return images.DrainToImmutable();
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.Translate(error);
        }
    }

    private static ImageInfo Describe(ImageSummary image) => new(
        SnapshotId.Parse($"{image.Name}@{image.Snap}"),
        image.SizeBytes,
        image.SegmentSizeBytes,
        image.SegmentCount,
        image.ZeroSegments,
        image.DistinctSegments,
        image.StoredBytes,
        image.CreatedAt);
}
