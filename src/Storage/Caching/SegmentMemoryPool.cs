using System.Numerics;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// Native memory for segments, outside the garbage-collected heap. Blocks are carved from large slabs by size class
/// (powers of two). A block that is given back stays resident for the next segment of its class; when memory is
/// wanted for another class, its pages return to the operating system and only its address space is kept, so mixed
/// segment lengths cannot hold more pages than the budget. A segment that fills its block lies in huge pages: smaller
/// blocks share one, and become resident together. Not thread-safe: the cache calls it under its lock.
/// </summary>
internal sealed unsafe class SegmentMemoryPool
{
    public const int PageBytes = 4096;

    private const int SmallestClass = 12;
    private const int SmallestHugeClass = 16;
    private const int LargestClass = 31;
    private const long SlabBytes = 64L << 20;
    private const byte Poison = 0xDB;

    private readonly BlockShelf[] _small = NewShelves();
    private readonly BlockShelf[] _huge = NewShelves();
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
    /// <param name="length">The segment's bytes.</param>
    /// <param name="spareBytes">What free blocks may keep resident afterwards.</param>
    public SegmentMemory Take(int length, long spareBytes)
    {
        var charge = (int)ChargeOf(length);
        var sizeClass = ClassOf(charge);
        if (!TryTakeHuge(sizeClass, charge, spareBytes, out var block)
            && !_small[sizeClass].TryTake(out block))
        {
            block = CarveSmall(sizeClass);
        }

        WarmBytes -= block.ResidentBytes;
        ReleaseTail(block, charge);
        _outstanding++;
        return block with { ResidentBytes = charge, IsFresh = block.ResidentBytes == 0 };
    }

    /// <summary>Makes free blocks for segments of this length resident, a huge page at least.</summary>
    /// <param name="length">The segments' bytes.</param>
    /// <param name="spareBytes">What free blocks may keep resident afterwards.</param>
    /// <returns>False when there is no room for more of them, or they do not lie in huge pages.</returns>
    public bool Grow(int length, long spareBytes)
    {
        var charge = (int)ChargeOf(length);
        var sizeClass = ClassOf(charge);
        var bytes = Math.Max(charge, PageAdvice.HugePageBytes);
        if (!FillsHugePages(sizeClass, charge) || WarmBytes + bytes > spareBytes)
        {
            return false;
        }

        var block = CarveHuge(sizeClass, charge);
        PageAdvice.Populate(block.Address, bytes);
        Put(block with { ResidentBytes = charge });
        return true;
    }

    /// <summary>Gives a block back; it stays resident until <see cref="Trim"/> wants its pages.</summary>
    public void Return(in SegmentMemory block)
    {
        if (_poison)
        {
            new Span<byte>((void*)block.Address, block.ResidentBytes).Fill(Poison);
        }

        _outstanding--;
        Put(block);
        if (_closed)
        {
            Close();
        }
    }

    /// <summary>
    /// Returns pages of free blocks to the system until at most <paramref name="keepBytes"/> stay resident. Huge pages
    /// come last: one that was broken up is not made whole again.
    /// </summary>
    public void Trim(long keepBytes)
    {
        TrimAll(_small, keepBytes);
        TrimAll(_huge, keepBytes);
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

        _slabs.ForEach(slab => NativeMemory.AlignedFree((void*)slab));
        _slabs.Clear();
        Array.ForEach([.. _small, .. _huge], shelf => shelf.Clear());
    }

    private static int ClassOf(int charge) => Math.Max(SmallestClass, BitOperations.Log2((uint)charge - 1) + 1);

    private static bool FillsHugePages(int sizeClass, int charge) => PageAdvice.CanDiscard
        && sizeClass >= SmallestHugeClass && charge == 1L << sizeClass && charge < SlabBytes;

    private static BlockShelf[] NewShelves() =>
        [.. Enumerable.Range(0, LargestClass + 1).Select(_ => new BlockShelf())];

    private static void ReleaseTail(in SegmentMemory block, int charge)
    {
        if (block.ResidentBytes > charge)
        {
            PageAdvice.Discard(block.Address + charge, block.ResidentBytes - charge);
        }
    }

    private void Put(in SegmentMemory block)
    {
        WarmBytes += block.ResidentBytes;
        (block.IsHuge ? _huge : _small)[block.SizeClass].Put(block);
    }

    private void TrimAll(BlockShelf[] shelves, long keepBytes)
    {
        for (var sizeClass = LargestClass; sizeClass >= SmallestClass && WarmBytes > keepBytes; sizeClass--)
        {
            while (WarmBytes > keepBytes && shelves[sizeClass].TryTakeWarm(out var block))
            {
                WarmBytes -= block.ResidentBytes;
                MakeCold(block);
            }
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
        if (block.IsHuge && block.ResidentBytes < PageAdvice.HugePageBytes)
        {
            PageAdvice.KeepInSmallPages(block.Address);
        }

        Put(block with { ResidentBytes = 0 });
    }

    /// <summary>
    /// A block in huge pages, for a segment that fills it; of a new page only with room for the other blocks in it.
    /// </summary>
    private bool TryTakeHuge(int sizeClass, int charge, long spareBytes, out SegmentMemory block)
    {
        block = default;
        if (!FillsHugePages(sizeClass, charge))
        {
            return false;
        }

        if (_huge[sizeClass].TryTake(out block))
        {
            return true;
        }

        var others = Math.Max(0, PageAdvice.HugePageBytes - charge);
        if (others > 0 && WarmBytes + others > spareBytes)
        {
            return false;
        }

        block = CarveHuge(sizeClass, charge);
        return true;
    }

    private SegmentMemory CarveHuge(int sizeClass, int size)
    {
        var first = CarveFrom(_huge[sizeClass], Math.Max(size, PageAdvice.HugePageBytes), inHugePages: true);
        for (var offset = size; offset < PageAdvice.HugePageBytes; offset += size)
        {
            Put(new SegmentMemory(first + offset, sizeClass, size, IsOwnSlab: false, IsHuge: true));
        }

        return new SegmentMemory(first, sizeClass, 0, IsOwnSlab: false, IsHuge: true);
    }

    private SegmentMemory CarveSmall(int sizeClass)
    {
        var size = 1L << sizeClass;
        return !PageAdvice.CanDiscard || size >= SlabBytes
            ? new SegmentMemory(Allocate(size, inHugePages: false), sizeClass, 0, IsOwnSlab: true)
            : new SegmentMemory(CarveFrom(_small[sizeClass], size, inHugePages: false), sizeClass, 0, IsOwnSlab: false);
    }

    private nint CarveFrom(BlockShelf shelf, long bytes, bool inHugePages)
    {
        if (shelf.IsUsedUp)
        {
            // A slab is larger than any threshold below which malloc would keep freed memory to itself.
            var slab = Allocate(SlabBytes, inHugePages);
            _slabs.Add(slab);
            shelf.Extend(slab, SlabBytes);
        }

        return shelf.Carve(bytes);
    }

    private static nint Allocate(long bytes, bool inHugePages)
    {
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)bytes, PageAdvice.HugePageBytes);
        PageAdvice.Prepare(memory, bytes, inHugePages);
        return memory;
    }
}
