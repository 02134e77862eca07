using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>
/// Lists the image center's images; the image center itself is the record, but for deletions that wait for disks.
/// </summary>
[Reentrant]
internal sealed class ImageCatalogGrain(
    IImageSource source,
    [PersistentState("images", StorageNames.Metadata)] IPersistentState<ImageCatalogState> state)
    : Grain, IImageCatalogGrain
{
    private readonly GroupWrite<ImageCatalogState> _write = new(state);

    private HashSet<string> Deleting => state.State.Deleting;

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

    public Task SetDeletingAsync(SnapshotId snapshot, bool isDeleting, CancellationToken cancellationToken) =>
        _write.RunAsync(undo =>
        {
            if (Set(snapshot, isDeleting))
            {
                undo.Add(() => Set(snapshot, !isDeleting));
            }

            return isDeleting;
        });

    public Task<ImmutableArray<SnapshotId>> ListDeletingAsync(CancellationToken cancellationToken) =>
        _write.ReadAsync<ImmutableArray<SnapshotId>>(() => [.. Deleting.Select(SnapshotId.Parse)]);

    private bool Set(SnapshotId snapshot, bool isDeleting) =>
        isDeleting ? Deleting.Add(snapshot.ToString()) : Deleting.Remove(snapshot.ToString());

    private ImageInfo Describe(ImageSummary image) => new(
        SnapshotId.Parse($"{image.Name}@{image.Snap}"),
        image.SizeBytes,
        image.SegmentSizeBytes,
        image.SegmentCount,
        image.ZeroSegments,
        image.DistinctSegments,
        image.StoredBytes,
        image.CreatedAt,
        IsDeleting: Deleting.Contains($"{image.Name}@{image.Snap}"),
        Key: ImageDescription.KeyOf(image.Key));
}
