using System.Buffers;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// Memory outside the heap that never moves, lent by a <see cref="NativeBufferPool"/>; disposing gives it back, once.
/// </summary>
public sealed unsafe class NativeBuffer : MemoryManager<byte>
{
    private readonly NativeBufferPool _pool;
    private readonly byte* _pointer;
    private int _length;

    internal NativeBuffer(NativeBufferPool pool, int capacity)
    {
        (_pool, Capacity) = (pool, capacity);
        _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, NativeBufferPool.SmallestBytes);
    }

    /// <summary>The first byte's address; valid until it is disposed.</summary>
    public nint Address => (nint)_pointer;

    /// <summary>The bytes; valid until it is disposed.</summary>
    public override Memory<byte> Memory => CreateMemory(_length);

    internal int Capacity { get; }

    /// <inheritdoc />
    public override Span<byte> GetSpan() => new(_pointer, _length);

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0) => new(_pointer + elementIndex);

    /// <inheritdoc />
    public override void Unpin()
    {
        // It never moves.
    }

    internal void Lend(int length) => _length = length;

    internal void Free() => NativeMemory.AlignedFree(_pointer);

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => _pool.TakeBack(this);
}
