using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>The first page of a disk cache's file; see docs/FORMATS.md, "Disk cache".</summary>
internal static class DiskCacheHeader
{
    private const ushort Version = 1;
    private const int VersionAt = 8;
    private const int FlagsAt = 10;
    private const int UnitBytesAt = 12;
    private const int UnitsAt = 16;
    private const int ChecksumAt = 20;

    private static ReadOnlySpan<byte> Magic => "SGDCACHE"u8;

    public static byte[] Write(DiskCacheLayout layout)
    {
        var page = new byte[DiskCacheLayout.PageBytes];
        Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(VersionAt), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(FlagsAt), 0);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(UnitBytesAt), layout.UnitBytes);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(UnitsAt), layout.Units);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(ChecksumAt), Crc32C.Compute(page.AsSpan(0, ChecksumAt)));
        return page;
    }
}
