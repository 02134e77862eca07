using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Storage;

/// <summary>A file of the operating system, read and written at positions without a shared cursor.</summary>
internal sealed partial class BlockFile(SafeFileHandle handle) : IBlockFile
{
    private const int KeepSize = 1;
    private const int Punch = 2;

    public long LengthBytes => RandomAccess.GetLength(handle);

    public int Read(long offset, Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var read = RandomAccess.Read(handle, destination[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> source) => RandomAccess.Write(handle, source, offset);

    public void PunchHole(long offset, long length)
    {
        // A file system without holes refuses; the space is then reused by later writes only.
        if (OperatingSystem.IsLinux())
        {
            _ = Allocate(handle, KeepSize | Punch, offset, length);
        }
    }

    public void Flush() => RandomAccess.FlushToDisk(handle);

    public void Dispose() => handle.Dispose();

    [LibraryImport("libc", EntryPoint = "fallocate64", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
