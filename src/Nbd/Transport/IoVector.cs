using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>struct iovec: a piece of memory to send. It must not move while it is in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVector(nint start, nint length)
{
    public nint Start = start;
    public nint Length = length;
}
