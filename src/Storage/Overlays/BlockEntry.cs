namespace SnapshotGrains.Storage;

/// <summary>
/// What the map knows of a block, in eight bytes so that it is read and written at once: the slot of the data file in
/// the high half and the CRC-32C in the low half. Slot 0 is the file's header, so it can stand for "no slot".
/// </summary>
internal readonly record struct BlockEntry(ulong Raw)
{
    private const ulong ZeroMark = 1;

    public static BlockEntry Parent => default;

    public static BlockEntry Zero => new(ZeroMark);

    public uint Slot => (uint)(Raw >> 32);

    public uint Checksum => (uint)Raw;

    public bool IsParent => Raw == 0;

    public bool IsZero => Raw == ZeroMark;

    public bool IsData => Slot != 0;

    public OverlayBlockState State => IsData ? OverlayBlockState.Data
        : IsParent ? OverlayBlockState.Parent : OverlayBlockState.Zero;

    public static BlockEntry Data(uint slot, uint checksum) => new(((ulong)slot << 32) | checksum);
}
