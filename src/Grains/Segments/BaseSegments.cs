using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Segments of base replicas: read from the local disk, if they are there, else fetched from the image center; checked
/// against the manifest in either case.
/// </summary>
internal sealed class BaseSegments(
    ManifestCache manifests, SegmentFetcher fetcher, FetchLedger ledger, DiskCache? disk) : ISegmentOrigin
{
    public async ValueTask<SegmentPlan> PlanAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var manifest = await ManifestForAsync(key, digest, cancellationToken).ConfigureAwait(false);
        return new SegmentPlan(
            manifest.Map.LengthOf(key.Number),
            (destination, token) => LoadAsync(manifest, key, digest, destination, urgency, token),
            Place: null);
    }

    /// <summary>The manifest that has this segment; read again if the name was imported anew.</summary>
    private async ValueTask<Manifest> ManifestForAsync(
        SegmentKey key, Digest digest, CancellationToken cancellationToken)
    {
        var manifest = await manifests.GetAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        if (!manifest.Map.Holds(key.Number, digest))
        {
            manifest = await manifests.RefreshAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        }

        return manifest.Map.Holds(key.Number, digest) ? manifest : throw ImageErrors.NoSuchSegment(key);
    }

    private async ValueTask LoadAsync(
        Manifest manifest, SegmentKey key, Digest digest, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        if (disk is null || !await disk.TryReadAsync(digest, destination, cancellationToken).ConfigureAwait(false))
        {
            await FetchAsync(manifest, key, digest, destination, urgency, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FetchAsync(
        Manifest manifest, SegmentKey key, Digest digest, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        try
        {
            await fetcher.FetchAsync(manifest, key.Number, destination, urgency, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ImageCenterException error) when (error.Code
            is ImageErrorCode.Corrupt or ImageErrorCode.Truncated or ImageErrorCode.Changed
            or ImageErrorCode.NotFound)
        {
            // The image may have been repaired by importing it again, which puts the segment elsewhere.
            var now = await manifests.RefreshAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
            if (!now.Map.Holds(key.Number, digest)
                || now.LocationOf(key.Number).Equals(manifest.LocationOf(key.Number)))
            {
                throw;
            }

            await fetcher.FetchAsync(now, key.Number, destination, urgency, cancellationToken)
                .ConfigureAwait(false);
        }

        ledger.Record(digest);
    }
}
