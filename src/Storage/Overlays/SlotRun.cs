namespace SnapshotGrains.Storage;

/// <summary>Adjacent slots of the data file.</summary>
internal readonly record struct SlotRun(uint Start, int Count)
{
    /// <summary>Where the run begins in the data file, in bytes.</summary>
    public long OffsetBytes => (long)Start * OverlayLayout.BlockBytes;

    public int LengthBytes => Count * OverlayLayout.BlockBytes;
}
