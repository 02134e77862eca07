using SnapshotGrains.Cli.Output;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary>How images are shown.</summary>
internal static class ImageTable
{
    /// <summary>A row per image.</summary>
    public static Table<ImageInfo> Create() => new Table<ImageInfo>(image => image.Id.ToString())
        .Figure("SIZE", image => ByteSize.Approximate(image.SizeBytes))
        .Figure("SEGMENT", image => ByteSize.Approximate(image.SegmentSizeBytes))
        .Figure("ZERO", image => Shares.Percent(image.ZeroSegments, image.Segments))
        .Figure("STORED", image => ByteSize.Approximate(image.StoredBytes))
        .Text("STATE", StateOf)
        .Text("CREATED", image => Times.Format(image.CreatedAt));

    /// <summary>Whether it can be cloned, or what its deletion waits for.</summary>
    public static string StateOf(ImageInfo image) => image switch
    {
        { IsDeleting: false } => "available",
        { Disks: 1 } => "deleting (1 disk)",
        { Disks: >= 0 } => $"deleting ({Shares.Count(image.Disks)} disks)",
        _ => "deleting",
    };
}
