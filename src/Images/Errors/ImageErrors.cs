using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Makes typed errors, so that each is worded in one place.</summary>
internal static class ImageErrors
{
    private const int NoSpaceErrno = 28;
    private const int QuotaErrno = 122;
    private const int TooBigErrno = 27;
    private const int DiskFullHResult = unchecked((int)0x80070070);

    public static ImageCenterException NotFound(string name, string snap) =>
        new(ImageErrorCode.NotFound, $"The image center has no image {name}@{snap}; import it or check the name.")
        {
            Image = $"{name}@{snap}",
        };

    public static ImageCenterException PackNotFound(PackId pack, Exception? cause = null) =>
        new(
            ImageErrorCode.NotFound,
            $"Pack {pack} is missing from the image center; restore it or import again.",
            cause)
        {
            Pack = pack,
        };

    public static ImageCenterException Gone(string marker, Exception cause) =>
        new(
            ImageErrorCode.Unavailable,
            $"The image center is not there ('{marker}' is missing); is its file system mounted?",
            cause);

    public static ImageCenterException Truncated(PackId pack, long offset, int length, long got) =>
        new(
            ImageErrorCode.Truncated,
            $"Pack {pack} ends early: {got} of {length} bytes at offset {offset}; restore it or import again.")
        {
            Pack = pack,
            Offset = offset,
        };

    public static ImageCenterException Unavailable(string act, Exception cause) =>
        new(ImageErrorCode.Unavailable, $"The image center cannot {act}: {cause.Message}", cause);

    public static ImageCenterException Damaged(string name, string snap, CorruptFormatException cause) => new(
        cause.IsUnsupportedVersion ? ImageErrorCode.UnsupportedVersion : ImageErrorCode.Corrupt,
        $"Image {name}@{snap} cannot be used. {cause.Message} "
            + (cause.IsUnsupportedVersion ? "Use a newer program." : "Restore it or import it again."),
        cause)
    {
        Image = $"{name}@{snap}",
    };

    /// <summary>From a file system's error, met while <paramref name="act"/>, to ours.</summary>
    public static ImageCenterException FromIo(string act, Exception cause) => IsNoSpace(cause)
        ? new(ImageErrorCode.NoSpace, $"The image center is full: cannot {act}. Free space and try again.", cause)
        : Unavailable(act, cause);

    public static bool IsIo(Exception e) => e is IOException or UnauthorizedAccessException;

    private static bool IsNoSpace(Exception cause) => cause is IOException
        && cause.HResult is NoSpaceErrno or QuotaErrno or TooBigErrno or DiskFullHResult;
}
