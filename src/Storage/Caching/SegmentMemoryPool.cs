using System.Numerics;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// Native memory for segments, outside the garbage-collected heap. Blocks are carved from large slabs by size class
/// (powers of two). A block that is given back stays resident for the next segment of its class; when memory is
/// wanted for another class, its pages return to the operating system and only its address space is kept, so mixed
/// segment lengths cannot hold more pages than the budget. Not thread-safe: the cache calls it under its lock.
/// </summary>
internal sealed unsafe class SegmentMemoryPool
{
    public const int PageBytes = 4096;

    private const int SmallestClass = 12;
    private const int LargestClass = 31;
    private const long SlabBytes = 64L << 20;
    private const byte Poison = 0xDB;

    private readonly Stack<SegmentMemory>[] _warm = NewStacks();
    private readonly Stack<SegmentMemory>[] _cold = NewStacks();
    private readonly (nint Next, nint End)[] _frontier = new (nint, nint)[LargestClass + 1];
    private readonly List<nint> _slabs = [];
    private readonly bool _poison;
    private long _outstanding;
    private bool _closed;

    public SegmentMemoryPool(bool poison) => _poison = poison;

    /// <summary>Bytes that free blocks keep resident.</summary>
    public long WarmBytes { get; private set; }

    /// <summary>Bytes that a segment of <paramref name="length"/> takes: whole pages.</summary>
    public static long ChargeOf(int length) => ((long)length + PageBytes - 1) / PageBytes * PageBytes;

    /// <summary>Takes a block whose resident bytes are exactly the charge of <paramref name="length"/>.</summary>
    public SegmentMemory Take(int length)
    {
        var charge = (int)ChargeOf(length);
        var sizeClass = Math.Max(SmallestClass, BitOperations.Log2((uint)charge - 1) + 1);
        if (_warm[sizeClass].TryPop(out var block))
        {
            WarmBytes -= block.ResidentBytes;
            ReleaseTail(block, charge);
        }
        else if (!_cold[sizeClass].TryPop(out block))
        {
            block = Carve(sizeClass);
        }

        _outstanding++;
        return block with { ResidentBytes = charge, IsFresh = block.ResidentBytes == 0 };
    }

    /// <summary>Resident bytes that the next <see cref="Take"/> of this length would reuse.</summary>
    public long ReusableBytes(int length)
    {
        var sizeClass = Math.Max(SmallestClass, BitOperations.Log2((uint)ChargeOf(length) - 1) + 1);
        return _warm[sizeClass].TryPeek(out var block) ? block.ResidentBytes : 0;
    }

    /// <summary>Gives a block back; it stays resident until <see cref="Trim"/> wants its pages.</summary>
    public void Return(in SegmentMemory block)
    {
        if (_poison)
        {
            new Span<byte>((void*)block.Address, block.ResidentBytes).Fill(Poison);
        }

        _outstanding--;
        WarmBytes += block.ResidentBytes;
        _warm[block.SizeClass].Push(block);
        if (_closed)
        {
            Close();
        }
    }

    /// <summary>
    /// Returns pages of free blocks to the system until at most <paramref name="keepBytes"/> stay resident.
    /// </summary>
    public void Trim(long keepBytes)
    {
        for (var sizeClass = LargestClass; sizeClass >= SmallestClass && WarmBytes > keepBytes; sizeClass--)
        {
            while (WarmBytes > keepBytes && _warm[sizeClass].TryPop(out var block))
            {
                WarmBytes -= block.ResidentBytes;
                MakeCold(block);
            }
        }
    }

    /// <summary>Returns everything to the system; blocks still out follow when they come back.</summary>
    public void Close()
    {
        _closed = true;
        Trim(0);
        if (_outstanding != 0)
        {
            return;
        }

        foreach (var slab in _slabs)
        {
            NativeMemory.AlignedFree((void*)slab);
        }

        _slabs.Clear();
        Array.ForEach(_cold, stack => stack.Clear());
        Array.Clear(_frontier);
    }

    private static Stack<SegmentMemory>[] NewStacks() =>
        [.. Enumerable.Range(0, LargestClass + 1).Select(_ => new Stack<SegmentMemory>())];

    private static void ReleaseTail(in SegmentMemory block, int charge)
    {
        if (block.ResidentBytes > charge)
        {
            PageAdvice.Discard(block.Address + charge, block.ResidentBytes - charge);
        }
    }

    private void MakeCold(in SegmentMemory block)
    {
        if (block.IsOwnSlab)
        {
            NativeMemory.AlignedFree((void*)block.Address);
            return;
        }

        PageAdvice.Discard(block.Address, block.ResidentBytes);
        _cold[block.SizeClass].Push(block with { ResidentBytes = 0 });
    }

    private SegmentMemory Carve(int sizeClass)
    {
        var size = 1L << sizeClass;
        if (!PageAdvice.CanDiscard || size >= SlabBytes)
        {
            return new SegmentMemory(Allocate(size), sizeClass, 0, IsOwnSlab: true);
        }

        ref var frontier = ref _frontier[sizeClass];
        if (frontier.Next == frontier.End)
        {
            // A slab is larger than any threshold below which malloc would keep freed memory to itself.
            var slab = Allocate(SlabBytes);
            _slabs.Add(slab);
            frontier = (slab, slab + (nint)SlabBytes);
        }

        var address = frontier.Next;
        frontier.Next += (nint)size;
        return new SegmentMemory(address, sizeClass, 0, IsOwnSlab: false);
    }

    private static nint Allocate(long bytes)
    {
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)bytes, PageBytes);
        PageAdvice.Prepare(memory, bytes);
        return memory;
    }
}
