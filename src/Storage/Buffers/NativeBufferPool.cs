using System.Numerics;

namespace SnapshotGrains.Storage;

/// <summary>
/// Buffers for bytes on their way from a file to a socket. Keeps a few of each size, so that a steady load allocates
/// nothing; what is lent at a time is bounded by its users' requests. Thread-safe.
/// </summary>
public sealed class NativeBufferPool
{
    internal const int SmallestBytes = 4096;
    private const int LargestKeptBytes = 1 << 20;
    private const int KeptBytesPerSize = 4 << 20;
    private const int Sizes = 9;

    private readonly Shelf[] _shelves =
        [.. Enumerable.Range(0, Sizes).Select(size => new Shelf(SmallestBytes << size))];

    /// <summary>The pool that everybody uses.</summary>
    public static NativeBufferPool Shared { get; } = new();

    /// <summary>A buffer of exactly <paramref name="length"/> bytes, with anything in it.</summary>
    public NativeBuffer Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var buffer = length > LargestKeptBytes ? new NativeBuffer(this, length) : ShelfOf(length).Take(this);
        buffer.Lend(length);
        return buffer;
    }

    internal void TakeBack(NativeBuffer buffer)
    {
        if (buffer.Capacity > LargestKeptBytes || !ShelfOf(buffer.Capacity).TryPut(buffer))
        {
            buffer.Free();
        }
    }

    private Shelf ShelfOf(int length) =>
        _shelves[BitOperations.Log2((uint)Math.Max(SmallestBytes, length) - 1) + 1 - BitOperations.Log2(SmallestBytes)];

    private sealed class Shelf(int bytes)
    {
        private readonly Lock _gate = new();
        private readonly NativeBuffer[] _kept = new NativeBuffer[Math.Max(4, KeptBytesPerSize / bytes)];
        private int _count;

        public NativeBuffer Take(NativeBufferPool pool)
        {
            lock (_gate)
            {
                if (_count > 0)
                {
                    return _kept[--_count];
                }
            }

            return new NativeBuffer(pool, bytes);
        }

        public bool TryPut(NativeBuffer buffer)
        {
            lock (_gate)
            {
                if (_count == _kept.Length)
                {
                    return false;
                }

                _kept[_count++] = buffer;
                return true;
            }
        }
    }
}
