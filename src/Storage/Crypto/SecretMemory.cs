using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// Whole pages outside the heap for a secret's bytes alone, because locking and dump rules work by the page. Counts its
/// users: the last one out wipes and frees.
/// </summary>
internal sealed unsafe partial class SecretMemory : SafeHandle
{
    private const int DontDump = 16;
    private const int DoDump = 17;

    private readonly int _length;
    private readonly nuint _allocated;

    public SecretMemory(int length)
        : base(0, ownsHandle: true)
    {
        var page = (nuint)Environment.SystemPageSize;
        (_length, _allocated) = (length, ((nuint)length + page - 1) / page * page);
        SetHandle((nint)NativeMemory.AlignedAlloc(_allocated, page));
        new Span<byte>((byte*)handle, length).Clear();
        Protect();
    }

    /// <summary>Tests look here at the wiped bytes, just before they are freed.</summary>
    internal static event ReadOnlySpanAction? Wiped;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        var bytes = new Span<byte>((byte*)handle, _length);
        CryptographicOperations.ZeroMemory(bytes);
        Wiped?.Invoke(handle, bytes);
        Unprotect();
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    // Locking is a wish: a process past its RLIMIT_MEMLOCK, or a kernel without the advice, works all the same.
    private void Protect()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Lock(handle, _allocated);
            _ = Advise(handle, _allocated, DontDump);
        }
    }

    // The allocator gives the pages to others next, who may want them dumped and need no lock.
    private void Unprotect()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(handle, _allocated, DoDump);
            _ = Unlock(handle, _allocated);
        }
    }

    [LibraryImport("libc", EntryPoint = "mlock")]
    private static partial int Lock(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "munlock")]
    private static partial int Unlock(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    internal delegate void ReadOnlySpanAction(nint address, ReadOnlySpan<byte> bytes);
}
