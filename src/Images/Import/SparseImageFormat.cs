using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// An image on its way to an image center without its holes: a header, records of data in ascending order, an end.
/// docs/FORMATS.md, "Sparse image".
/// </summary>
public static class SparseImageFormat
{
    /// <summary>The media type of such a stream.</summary>
    public const string MediaType = "application/vnd.snapshotgrains.sparse-image";

    /// <summary>Most bytes of data in one record: 16 MiB.</summary>
    public const int MaxRecordBytes = 16 << 20;

    /// <summary>Largest image: 2^54 bytes, the most that a segment map holds.</summary>
    public const long MaxImageBytes = SegmentMap.MaxSegmentCount * SegmentMap.MaxSegmentSizeBytes;

    internal const ushort Version = 1;
    internal const int HeaderBytes = 24;
    internal const int RecordHeaderBytes = 20;
    internal const int EndBytes = sizeof(ulong);
    internal const ulong EndOffset = ulong.MaxValue;

    private const int HeaderChecksumAt = 20;
    private const int RecordChecksumAt = 16;

    internal static ReadOnlySpan<byte> Magic => "SGSPARSE"u8;

    internal static void WriteHeader(Span<byte> header, long sizeBytes)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], sizeBytes);
        Seal(header, HeaderChecksumAt);
    }

    internal static void WriteRecordHeader(Span<byte> header, ulong offset, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, offset);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Compute(data));
        Seal(header, RecordChecksumAt);
    }

    internal static bool IsHeaderSound(ReadOnlySpan<byte> header) => IsSound(header, HeaderChecksumAt);

    internal static bool IsRecordHeaderSound(ReadOnlySpan<byte> header) => IsSound(header, RecordChecksumAt);

    private static void Seal(Span<byte> header, int at) =>
        BinaryPrimitives.WriteUInt32LittleEndian(header[at..], Crc32C.Compute(header[..at]));

    private static bool IsSound(ReadOnlySpan<byte> header, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[at..]) == Crc32C.Compute(header[..at]);
}
