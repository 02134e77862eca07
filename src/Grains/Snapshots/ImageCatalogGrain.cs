using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Disks;
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
    private Task _writing = Task.CompletedTask;

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

    public async Task SetDeletingAsync(SnapshotId snapshot, bool isDeleting, CancellationToken cancellationToken)
    {
        var deleting = state.State.Deleting;
        if (isDeleting ? deleting.Add(snapshot.ToString()) : deleting.Remove(snapshot.ToString()))
        {
            try
            {
                await WriteAsync();
            }
            catch
            {
                // What was not written did not happen.
                _ = isDeleting ? deleting.Remove(snapshot.ToString()) : deleting.Add(snapshot.ToString());
                throw;
            }
        }
    }

    public Task<ImmutableArray<SnapshotId>> ListDeletingAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<SnapshotId>>([.. state.State.Deleting.Select(SnapshotId.Parse)]);

    /// <summary>One write at a time: two of them would contest the same version.</summary>
    private Task WriteAsync() => _writing = WriteAfterAsync(_writing);

    private async Task WriteAfterAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing
            | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await state.WriteStateAsync();
    }

    private ImageInfo Describe(ImageSummary image) => new(
        SnapshotId.Parse($"{image.Name}@{image.Snap}"),
        image.SizeBytes,
        image.SegmentSizeBytes,
        image.SegmentCount,
        image.ZeroSegments,
        image.DistinctSegments,
        image.StoredBytes,
        image.CreatedAt,
        IsDeleting: state.State.Deleting.Contains($"{image.Name}@{image.Snap}"),
        Key: ImageDescription.KeyOf(image.Key));
}
