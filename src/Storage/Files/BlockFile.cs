using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Storage;

/// <summary>A file of the operating system, read and written at positions without a shared cursor.</summary>
internal sealed partial class BlockFile(SafeFileHandle handle) : IBlockFile
{
    private const int KeepSize = 1;
    private const int Punch = 2;
    private const int NoWait = 8;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int TooBig = 27;
    private const int NoSuchCall = 38;
    private const int NotSupported = 95;
    private const int DontNeed = 4;
    private const int NoSymbol = int.MaxValue;

    /// <summary>The file system, the system or its C library cannot read without waiting; asked once.</summary>
    private volatile bool _alwaysWaits = !OperatingSystem.IsLinux();

    public long LengthBytes => RandomAccess.GetLength(handle);

    public int Read(long offset, Span<byte> destination) => FileRead.Fill(handle, offset, destination);

    public bool TryRead(long offset, Span<byte> destination, out int bytes)
    {
        bytes = 0;
        while (!_alwaysWaits && bytes < destination.Length)
        {
            var (read, error) = ReadCached(offset + bytes, destination[bytes..]);
            if (read == 0 || error == TryAgain)
            {
                // The end of the file, or of what is in memory.
                return error == 0;
            }

            bytes += Math.Max(read, 0);
            if (error is not (0 or Interrupted))
            {
                // EINVAL, ENOSYS and EOPNOTSUPP stay so. Other errors are for the plain read to report.
                _alwaysWaits = error is 22 or NoSuchCall or NotSupported or NoSymbol;
                break;
            }
        }

        bytes += bytes < destination.Length ? Read(offset + bytes, destination[bytes..]) : 0;
        return true;
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        try
        {
            RandomAccess.Write(handle, source, offset);
        }
        catch (ArgumentOutOfRangeException error)
        {
            // What .NET makes of EFBIG: the file may not grow, by its system's or this process's limit.
            throw new IOException(error.Message, TooBig);
        }
    }

    public void PunchHole(long offset, long length)
    {
        // A file system without holes refuses; the space is then reused by later writes only.
        if (OperatingSystem.IsLinux())
        {
            _ = Allocate(handle, KeepSize | Punch, offset, length);
        }
    }

    public void Reserve(long lengthBytes)
    {
        while (OperatingSystem.IsLinux() && Allocate(handle, 0, 0, lengthBytes) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is NotSupported or NoSuchCall)
            {
                break;
            }

            if (error != Interrupted)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }

        if (LengthBytes < lengthBytes)
        {
            RandomAccess.SetLength(handle, lengthBytes);
        }
    }

    public void Forget(long offset, long length)
    {
        if (OperatingSystem.IsLinux() && length > 0)
        {
            _ = Advise(handle, (nint)offset, (nint)length, DontNeed);
        }
    }

    public void Flush() => RandomAccess.FlushToDisk(handle);

    public void Dispose() => handle.Dispose();

    private unsafe (int Read, int Error) ReadCached(long offset, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            var piece = new IoVector { Start = start, Length = (nuint)destination.Length };
            try
            {
                var read = (int)ReadVector(handle, &piece, 1, offset, NoWait);
                return (read, read < 0 ? Marshal.GetLastPInvokeError() : 0);
            }
            catch (EntryPointNotFoundException)
            {
                return (-1, NoSymbol);
            }
        }
    }

    /// <summary>preadv2(2) with 64-bit offsets.</summary>
    [LibraryImport("libc", EntryPoint = "preadv64v2", SetLastError = true)]
    private static unsafe partial nint ReadVector(
        SafeFileHandle file, IoVector* pieces, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "fallocate64", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, nint offset, nint length, int advice);

    /// <summary>struct iovec.</summary>
    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }
}
