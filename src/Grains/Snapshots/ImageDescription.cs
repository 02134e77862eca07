using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>Manifests and summaries as listings show them.</summary>
public static class ImageDescription
{
    /// <summary>An image from its manifest.</summary>
    public static ImageInfo Of(Manifest manifest) => new(
        SnapshotId.Parse($"{manifest.Name}@{manifest.Snap}"),
        manifest.Map.SizeBytes,
        manifest.Map.SegmentSizeBytes,
        manifest.Map.SegmentCount,
        manifest.ZeroSegments,
        manifest.DistinctSegments,
        manifest.StoredBytes,
        manifest.CreatedAt,
        Key: KeyOf(manifest.Key));

    /// <summary>The image center's name of a key, in the cluster's terms.</summary>
    public static KeyRef? KeyOf(ImageKey? key) => key is null ? null : new KeyRef(key.Name, key.Id);
}
