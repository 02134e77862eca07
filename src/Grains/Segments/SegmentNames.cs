using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Whether a segment is what its key says. Its digest alone must not be enough to get at it: content under another name
/// may be in the cache that the asker may not have.
/// </summary>
public static class SegmentNames
{
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: the snapshot has no such segment.
    /// </exception>
    public static async ValueTask CheckAsync(
        ManifestCache manifests, SegmentKey key, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        var manifest = await manifests.GetAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        if (!Holds(manifest, key, digest))
        {
            manifest = await manifests.RefreshAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        }

        if (!Holds(manifest, key, digest))
        {
            throw ImageErrors.NoSuchSegment(key);
        }
    }

    private static bool Holds(Images.Manifest manifest, SegmentKey key, Digest digest) => key.Replica.IsBase
        ? manifest.Map.Holds(key.Number, digest)
        : ReplicaMaps.Of(manifest, key.Replica).Map.Holds(key.Number, digest);
}
