namespace SnapshotGrains.Storage;

/// <summary>One write at work: its whole blocks in the middle, its partial ones at the edges. Reused.</summary>
internal sealed class WriteScratch
{
    public EdgeBlock Head { get; } = new();

    public EdgeBlock Tail { get; } = new();

    /// <summary>Where the middle is stored.</summary>
    public List<SlotRun> Runs { get; } = [];

    /// <summary>First block of the middle.</summary>
    public long FirstBlock { get; private set; }

    /// <summary>Where the middle begins in the write.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Length of the middle.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>Divides a write into edges and middle.</summary>
    public void Plan(long offset, int length, long sizeBytes)
    {
        Head.Clear();
        Tail.Clear();
        Runs.Clear();
        var (block, within) = Math.DivRem(offset, OverlayLayout.BlockBytes);
        DataOffset = 0;
        if (within != 0)
        {
            DataOffset = (int)Math.Min(OverlayLayout.BlockBytes - within, length);
            Head.Set(block++, (int)within, 0, DataOffset, isWhole: false);
        }

        FirstBlock = block;
        LengthBytes = (length - DataOffset) / OverlayLayout.BlockBytes * OverlayLayout.BlockBytes;
        var end = DataOffset + LengthBytes;
        if (end < length)
        {
            block += LengthBytes / OverlayLayout.BlockBytes;
            Tail.Set(block, 0, end, length - end, isWhole: offset + length == sizeBytes);
        }
    }
}
