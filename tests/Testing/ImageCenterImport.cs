using SnapshotGrains.Images;

namespace SnapshotGrains.Testing;

/// <summary>Makes images of bytes.</summary>
public static class ImageCenterImport
{
    /// <summary>Imports <paramref name="content"/> as <paramref name="id"/> and returns its name.</summary>
    public static async Task<SnapshotId> ImportAsync(
        this IImageCenter center, string id, byte[] content, int segmentSizeBytes)
    {
        var snapshot = SnapshotId.Parse(id);
        await center.ImportAsync(
            new ImportRequest
            {
                Name = snapshot.Name,
                Snap = snapshot.Snap,
                Content = new MemoryStream(content),
                LengthBytes = content.Length,
                SegmentSizeBytes = segmentSizeBytes,
            },
            CancellationToken.None);
        return snapshot;
    }
}
