using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// A disk in unmanaged memory that any number of <see cref="MemoryExport"/> share. Blocks of 4 KiB that were never
/// written are holes. Dispose it after the server that exports it has stopped.
/// </summary>
public sealed unsafe class MemoryDisk : IDisposable
{
    internal const int BlockBytes = 4096;

    private readonly byte[] _allocated;
    private byte* _memory;

    /// <summary>Creates a disk that reads as zeroes.</summary>
    /// <param name="sizeBytes">Any size from 0; memory is taken as it is written.</param>
    public MemoryDisk(long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        SizeBytes = sizeBytes;
        _allocated = new byte[checked((int)((sizeBytes + BlockBytes - 1) / BlockBytes))];
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(1, sizeBytes));
    }

    /// <summary>Frees the memory if nobody disposed the disk.</summary>
    ~MemoryDisk()
    {
        NativeMemory.Free(_memory);
    }

    /// <summary>Size in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Writes <paramref name="data"/> at <paramref name="offset"/>.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        CheckRange(offset, data.Length);
        if (data.IsEmpty)
        {
            return;
        }

        MarkAllocated(offset, data.Length, 1);
        data.CopyTo(new Span<byte>(_memory + offset, data.Length));
    }

    /// <summary>Reads into <paramref name="into"/> from <paramref name="offset"/>.</summary>
    public void Read(long offset, Span<byte> into)
    {
        CheckRange(offset, into.Length);
        new ReadOnlySpan<byte>(_memory + offset, into.Length).CopyTo(into);
    }

    /// <summary>Zeroes a range; whole blocks become holes unless <paramref name="keepAllocated"/>.</summary>
    public void Zero(long offset, long length, bool keepAllocated)
    {
        CheckRange(offset, length);
        NativeMemory.Clear(_memory + offset, (nuint)length);
        if (keepAllocated)
        {
            MarkAllocated(offset, length, 1);
            return;
        }

        var first = (offset + BlockBytes - 1) / BlockBytes;
        var end = offset + length == SizeBytes ? _allocated.Length : (offset + length) / BlockBytes;
        if (end > first)
        {
            _allocated.AsSpan((int)first, (int)(end - first)).Clear();
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        GC.SuppressFinalize(this);
    }

    internal nint PointerTo(long offset)
    {
        ObjectDisposedException.ThrowIf(_memory == null, this);
        return (nint)(_memory + offset);
    }

    /// <summary>Tells how far from <paramref name="offset"/> the state stays the same, and which it is.</summary>
    internal (long Length, bool IsHole) RunAt(long offset, long limit)
    {
        var first = (int)(offset / BlockBytes);
        var last = (int)((offset + limit - 1) / BlockBytes);
        var state = _allocated[first];
        var blocks = _allocated.AsSpan(first, last - first + 1).IndexOfAnyExcept(state);
        var end = blocks < 0 ? offset + limit : (long)(first + blocks) * BlockBytes;
        return (end - offset, state == 0);
    }

    private void MarkAllocated(long offset, long length, byte state)
    {
        if (length > 0)
        {
            var first = (int)(offset / BlockBytes);
            var last = (int)((offset + length - 1) / BlockBytes);
            _allocated.AsSpan(first, last - first + 1).Fill(state);
        }
    }

    private void CheckRange(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_memory == null, this);
        if (offset < 0 || length < 0 || offset > SizeBytes - length)
        {
            throw new NbdException(
                NbdError.InvalidArgument, $"{length} bytes at {offset} do not lie in a disk of {SizeBytes} bytes.");
        }
    }
}
