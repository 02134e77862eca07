using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Zeroes to send where the client did not negotiate holes. Never written, so the operating system backs all of it
/// with its one page of zeroes; never freed, because replies may point at it until the process ends.
/// </summary>
internal static unsafe class ZeroMemory
{
    public const int Bytes = 1024 * 1024;

    public static readonly nint Start = (nint)NativeMemory.AllocZeroed(Bytes);
}
