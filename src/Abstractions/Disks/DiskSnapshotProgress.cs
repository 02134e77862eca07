using Orleans;

namespace SnapshotGrains;

/// <summary>How far the making of a snapshot from a disk is.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Snapshot">The new snapshot.</param>
/// <param name="DoneBytes">Bytes of the disk that are dealt with.</param>
/// <param name="TotalBytes">The disk's size.</param>
/// <param name="StoredBytes">Bytes that were added to the image center.</param>
/// <param name="Image">The image, once it is there; null before.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskSnapshotProgress")]
public sealed record DiskSnapshotProgress(
    [property: Id(0)] string Disk,
    [property: Id(1)] SnapshotId Snapshot,
    [property: Id(2)] long DoneBytes,
    [property: Id(3)] long TotalBytes,
    [property: Id(4)] long StoredBytes,
    [property: Id(5)] ImageInfo? Image)
{
    /// <summary>Whether the snapshot can be cloned now.</summary>
    public bool IsDone => Image is not null;
}
