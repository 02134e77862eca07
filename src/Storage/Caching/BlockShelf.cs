namespace SnapshotGrains.Storage;

/// <summary>Free blocks of one size and kind, and the address space that the next ones come from.</summary>
internal sealed class BlockShelf
{
    private readonly Stack<SegmentMemory> _warm = new();
    private readonly Stack<SegmentMemory> _cold = new();
    private nint _next;
    private nint _end;

    /// <summary>Whether nothing is left to carve a block from.</summary>
    public bool IsUsedUp => _next == _end;

    /// <summary>A free block, a resident one first.</summary>
    public bool TryTake(out SegmentMemory block) => TryTakeWarm(out block) || _cold.TryPop(out block);

    /// <summary>A free block whose pages are there.</summary>
    public bool TryTakeWarm(out SegmentMemory block) => _warm.TryPop(out block);

    /// <summary>A free block; it is warm while pages of it are resident.</summary>
    public void Put(in SegmentMemory block) => (block.ResidentBytes > 0 ? _warm : _cold).Push(block);

    /// <summary>Blocks are carved from here until it is used up.</summary>
    public void Extend(nint address, long bytes) => (_next, _end) = (address, address + (nint)bytes);

    /// <summary>The next bytes of the address space.</summary>
    public nint Carve(long bytes)
    {
        var address = _next;
        _next += (nint)bytes;
        return address;
    }

    /// <summary>Forgets blocks without pages, and the rest of the address space.</summary>
    public void Clear()
    {
        _cold.Clear();
        Extend(0, 0);
    }
}
