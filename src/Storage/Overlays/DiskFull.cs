namespace SnapshotGrains.Storage;

/// <summary>Recognises the errors of a file system that has no room left.</summary>
internal static class DiskFull
{
    /// <summary>
    /// ENOSPC (28), EFBIG (27) and EDQUOT (122) on Unix, where .NET keeps the raw number; on Windows ERROR_DISK_FULL
    /// and ERROR_HANDLE_DISK_FULL.
    /// </summary>
    public static bool Is(Exception error) => error is IOException && (error.HResult is 28 or 27 or 122
        || (uint)error.HResult is 0x80070070 or 0x80070027);
}
