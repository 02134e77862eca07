using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>The first bytes of a kept segment's file; see docs/FORMATS.md, "Replica store".</summary>
/// <param name="Name">The segment's name.</param>
/// <param name="LengthBytes">How many bytes follow.</param>
/// <param name="Content">SHA-256 of these.</param>
internal readonly record struct StoreHeader(Digest Name, int LengthBytes, Digest Content)
{
    public const int SizeBytes = 84;

    private const ushort Version = 1;
    private const int VersionAt = 8;
    private const int FlagsAt = 10;
    private const int LengthAt = 12;
    private const int NameAt = 16;
    private const int ContentAt = NameAt + Digest.SizeBytes;
    private const int ChecksumAt = ContentAt + Digest.SizeBytes;

    private static ReadOnlySpan<byte> Magic => "SGREPSEG"u8;

    public void Write(Span<byte> bytes)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[VersionAt..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[FlagsAt..], 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[LengthAt..], LengthBytes);
        Name.CopyTo(bytes[NameAt..]);
        Content.CopyTo(bytes[ContentAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Crc32C.Compute(bytes[..ChecksumAt]));
    }

    /// <summary>Null when it is not a header that this program writes.</summary>
    public static StoreHeader? Read(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Magic)
        && BinaryPrimitives.ReadUInt16LittleEndian(bytes[VersionAt..]) == Version
        && BinaryPrimitives.ReadUInt16LittleEndian(bytes[FlagsAt..]) == 0
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) == Crc32C.Compute(bytes[..ChecksumAt])
            ? new StoreHeader(
                Digest.FromBytes(bytes.Slice(NameAt, Digest.SizeBytes)),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[LengthAt..]),
                Digest.FromBytes(bytes.Slice(ContentAt, Digest.SizeBytes)))
            : null;
}
