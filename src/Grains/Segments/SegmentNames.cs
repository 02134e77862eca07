using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Whether a segment is what its key says. Its digest alone must not be enough to get at it: content under another name
/// may be in the cache that the asker may not have.
/// </summary>
public static class SegmentNames
{
    /// <returns>The segment's length in bytes.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: the snapshot has no such segment.
    /// </exception>
    public static async ValueTask<int> CheckAsync(
        ManifestCache manifests, SegmentKey key, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        var manifest = await manifests.GetAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        if (!Holds(manifest, key, digest))
        {
            manifest = await manifests.RefreshAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        }

        return Holds(manifest, key, digest) ? MapOf(manifest, key).LengthOf(key.Number)
            : throw ImageErrors.NoSuchSegment(key);
    }

    private static bool Holds(Manifest manifest, SegmentKey key, Digest digest) =>
        MapOf(manifest, key).Holds(key.Number, digest);

    private static SegmentMap MapOf(Manifest manifest, SegmentKey key) =>
        key.Replica.IsBase ? manifest.Map : ReplicaMaps.Of(manifest, key.Replica).Map;
}
