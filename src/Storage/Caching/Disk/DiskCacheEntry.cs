using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>
/// What a disk cache's table says of a unit: that a segment begins there. All zero, or anything else that does not have
/// its checksum: none does. See docs/FORMATS.md, "Disk cache".
/// </summary>
/// <param name="Digest">The segment's digest.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="Sequence">How many segments had been written before: says where to go on.</param>
internal readonly record struct DiskCacheEntry(Digest Digest, int LengthBytes, long Sequence)
{
    public const int SizeBytes = 64;

    private const int SequenceAt = 32;
    private const int LengthAt = 40;
    private const int ChecksumAt = 44;

    public void Write(Span<byte> bytes)
    {
        Digest.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceAt..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[LengthAt..], LengthBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Crc32C.Compute(bytes[..ChecksumAt]));
        bytes[(ChecksumAt + sizeof(uint))..SizeBytes].Clear();
    }

    /// <summary>Null when no segment begins here.</summary>
    public static DiskCacheEntry? Read(ReadOnlySpan<byte> bytes)
    {
        var entry = new DiskCacheEntry(
            Digest.FromBytes(bytes[..Digest.SizeBytes]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[LengthAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceAt..]));
        return entry is { LengthBytes: > 0, Sequence: >= 0 }
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) == Crc32C.Compute(bytes[..ChecksumAt])
                ? entry : null;
    }
}
