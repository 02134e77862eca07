namespace SnapshotGrains.Storage;

/// <summary>A block that a write covers only in part: what it held, with the write's bytes laid over it.</summary>
internal sealed class EdgeBlock
{
    /// <summary>Number of the block; negative when the write has no such edge.</summary>
    public long Block { get; private set; } = -1;

    /// <summary>Where the write's bytes begin in the block.</summary>
    public int Within { get; private set; }

    /// <summary>Where the block's bytes begin in the write.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Bytes of the write in the block.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// The write reaches from the block's start to the disk's end: nothing of the old content remains.
    /// </summary>
    public bool IsWhole { get; private set; }

    /// <summary>True when <see cref="Content"/> holds the parent's bytes.</summary>
    public bool HasParent { get; set; }

    /// <summary>What the map said when the content was read.</summary>
    public BlockEntry Expected { get; set; }

    /// <summary>Where the content is stored; empty when it is not yet.</summary>
    public SlotRun Slot { get; set; }

    /// <summary>The block's bytes.</summary>
    public byte[] Content { get; } = new byte[OverlayLayout.BlockBytes];

    /// <summary>Takes the slot from the allocator, like the runs of whole blocks.</summary>
    public List<SlotRun> Runs { get; } = new(1);

    public bool IsUsed => Block >= 0;

    public void Clear() => Set(-1, 0, 0, 0, false);

    public void Set(long block, int within, int dataOffset, int length, bool isWhole)
    {
        Block = block;
        Within = within;
        DataOffset = dataOffset;
        Length = length;
        IsWhole = isWhole;
        HasParent = false;
        Slot = default;
    }
}
