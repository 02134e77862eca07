using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// Makes a rename or a new file name durable: POSIX keeps names in the directory, which needs its own fsync.
/// </summary>
public static partial class DirectoryFlush
{
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>
    /// Flushes the directory's entries to the disk. Does nothing on systems other than Linux, where renames are
    /// journalled by the file system.
    /// </summary>
    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    public static void Flush(string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = Open(directory, ReadOnlyCloseOnExec);
        if (descriptor < 0)
        {
            throw Failure("open", directory);
        }

        try
        {
            if (Fsync(descriptor) < 0)
            {
                throw Failure("flush", directory);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string act, string directory)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"Cannot {act} directory '{directory}': {Marshal.GetPInvokeErrorMessage(code)}.", code);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
