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
        manifest.CreatedAt);
}
