using SnapshotGrains.Images;

namespace SnapshotGrains.Disks;

/// <summary>One snapshot of a disk in the making, or made.</summary>
internal sealed class DiskCopy(DiskInfo disk, SnapshotId snapshot) : IProgress<ImportProgress>
{
    private ImportProgress? _progress;

    public Guid DiskId => disk.Id;

    public SnapshotId Snapshot => snapshot;

    /// <summary>The work; ends with the image.</summary>
    public Task<ImageInfo> Image { get; set; } = null!;

    public DiskSnapshotProgress Progress
    {
        get
        {
            var image = Image.IsCompletedSuccessfully ? Image.Result : null;
            var progress = Volatile.Read(ref _progress);
            return new DiskSnapshotProgress(
                disk.Name,
                snapshot,
                image?.SizeBytes ?? progress?.BytesRead ?? 0,
                image?.SizeBytes ?? progress?.TotalBytes ?? disk.SizeBytes,
                image?.StoredBytes ?? progress?.StoredBytes ?? 0,
                image);
        }
    }

    void IProgress<ImportProgress>.Report(ImportProgress value) => Volatile.Write(ref _progress, value);
}
