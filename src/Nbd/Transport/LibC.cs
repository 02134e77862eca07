using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>The system calls of the hot path. Linux only: layouts and constants are those of its kernel.</summary>
internal static unsafe partial class LibC
{
    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;
    public const int Eintr = 4;
    public const int Eagain = 11;

    /// <summary>The kernel takes at most this many vectors in a call (UIO_MAXIOV).</summary>
    public const int MaxVectors = 1024;

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nint VectorCount;
        public nint Control;
        public nint ControlLength;
        public int Flags;
    }
}
