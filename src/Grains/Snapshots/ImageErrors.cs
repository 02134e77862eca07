using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>The image center's errors in the words of the cluster.</summary>
public static class ImageErrors
{
    /// <summary>The error that users see.</summary>
    public static SnapshotGrainsException Translate(ImageCenterException error) =>
        new(CodeOf(error), error.Message, error.InnerException);

    /// <summary>The error of fetching a segment: what the manifest promises and is not there is damage.</summary>
    public static SnapshotGrainsException TranslateFetch(ImageCenterException error) =>
        error.Code == ImageErrorCode.NotFound
            ? new SnapshotGrainsException(ErrorCode.ImageCorrupt, error.Message, error.InnerException)
            : Translate(error);

    /// <summary>The snapshot has no segment of that number and digest.</summary>
    public static SnapshotGrainsException NoSuchSegment(SegmentKey key) => new(
        ErrorCode.NotFound,
        $"Snapshot {key.Snapshot} has no segment {key.Number} with digest {key.DigestHex} in replica {key.Replica}; "
        + "was the image replaced while it was open? Open it again.");

    private static ErrorCode CodeOf(ImageCenterException error) => error.Code switch
    {
        ImageErrorCode.NotFound => ErrorCode.NotFound,
        ImageErrorCode.AlreadyExists => ErrorCode.AlreadyExists,
        ImageErrorCode.BadName or ImageErrorCode.BadRequest or ImageErrorCode.ReadOnly => ErrorCode.BadRequest,
        ImageErrorCode.Corrupt or ImageErrorCode.Truncated or ImageErrorCode.Changed
            or ImageErrorCode.UnsupportedVersion => ErrorCode.ImageCorrupt,
        ImageErrorCode.NoSpace => ErrorCode.NoSpace,
        ImageErrorCode.Timeout => ErrorCode.SegmentTimeout,
        _ => ErrorCode.ImageCenterUnavailable,
    };
}
