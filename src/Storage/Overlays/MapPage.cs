using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>
/// The frame of a map page (docs/FORMATS.md, "Overlay"): where it belongs and which commit wrote it, under a
/// checksum. A page stands on its own; it is stored twice, so that rot in one copy is healed and told from a crash.
/// </summary>
/// <param name="Generation">Number of the map file, so that no page of an older file passes for one of this.</param>
/// <param name="Index">Place of the page in the file.</param>
/// <param name="CommitStart">Index of the first page of the same commit.</param>
/// <param name="Commit">Number of the attempt to commit.</param>
/// <param name="IsLast">The commit ends with this page; pages of a checkpoint do not say.</param>
internal readonly record struct MapPage(
    long Generation, uint Index, uint CommitStart, long Commit, bool IsLast = false)
{
    /// <summary>Bytes before the items.</summary>
    public const int HeaderBytes = 36;

    private const uint Magic = 0x504D_4753; // "SGMP"
    private const int ChecksumAt = 4;
    private const int ChecksummedFrom = 8;
    private const int LengthAt = 32;
    private const int FlagsAt = 34;
    private const ushort LastFlag = 1;

    /// <summary>Completes one copy of a page whose items are in place.</summary>
    public void Seal(Span<byte> page, int itemBytes)
    {
        page[(HeaderBytes + itemBytes)..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(page, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(page[8..], Generation);
        BinaryPrimitives.WriteUInt32LittleEndian(page[16..], Index);
        BinaryPrimitives.WriteUInt32LittleEndian(page[20..], CommitStart);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], Commit);
        BinaryPrimitives.WriteUInt16LittleEndian(page[LengthAt..], (ushort)itemBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(page[FlagsAt..], IsLast ? LastFlag : (ushort)0);
        var checksum = Crc32C.Compute(page[ChecksummedFrom..OverlayLayout.PageBytes]);
        BinaryPrimitives.WriteUInt32LittleEndian(page[ChecksumAt..], checksum);
    }

    /// <summary>Reads one copy. False when it is torn, damaged, or belongs elsewhere.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> page, long generation, uint index, out MapPage header, out ReadOnlySpan<byte> items)
    {
        header = default;
        items = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(page) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(page[ChecksumAt..]) != Crc32C.Compute(page[ChecksummedFrom..]))
        {
            return false;
        }

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(page[FlagsAt..]);
        header = new(
            BinaryPrimitives.ReadInt64LittleEndian(page[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(page[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(page[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
            flags == LastFlag);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(page[LengthAt..]);
        var isOurs = header.Generation == generation && header.Index == index;
        if (!isOurs || flags > LastFlag || length > page.Length - HeaderBytes)
        {
            return false;
        }

        items = page.Slice(HeaderBytes, length);
        return true;
    }
}
