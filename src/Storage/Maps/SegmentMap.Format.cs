using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <content>The map as bytes; docs/FORMATS.md, "Segment map".</content>
public sealed partial class SegmentMap
{
    private const string What = "segment map";
    private const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "SGSEGMAP"u8;

    /// <summary>Reads a map from the front of a stream, which is left behind its last byte.</summary>
    /// <exception cref="CorruptFormatException">Truncated, altered, or of another version.</exception>
    public static SegmentMap Read(Stream stream)
    {
        var reader = new FormatReader(stream, What);
        reader.VerifyStart(Magic, Version);
        var flagsAt = reader.Offset;
        var flags = reader.ReadUInt16();
        var segmentSizeBytes = reader.ReadUInt32();
        var sizeBytes = reader.ReadInt64();
        var dataSegments = reader.ReadInt64();
        reader.VerifyChecksum();
        VerifyHeader(reader, flagsAt, flags, segmentSizeBytes, sizeBytes, dataSegments);
        var dataBits = ReadBits(reader, CountSegments(sizeBytes, (int)segmentSizeBytes), dataSegments);
        var digests = ReadDigests(reader, dataSegments);
        reader.VerifyChecksum();
        return new SegmentMap(sizeBytes, (int)segmentSizeBytes, dataBits, digests);
    }

    /// <summary>Reads a map from bytes that hold nothing else.</summary>
    /// <exception cref="CorruptFormatException">Truncated, altered, or of another version.</exception>
    public static SegmentMap Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        var map = Read(stream);
        return stream.Position == stream.Length
            ? map
            : throw new CorruptFormatException(What, stream.Position, "more bytes follow its end");
    }

    /// <summary>Writes the map.</summary>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        WriteTo(new FormatWriter(stream.Write));
    }

    /// <summary>Writes the map.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        WriteTo(new FormatWriter(bytes => writer.Write(bytes)));
    }

    private static void VerifyHeader(
        FormatReader reader, long flagsAt, ushort flags, uint segmentSizeBytes, long sizeBytes, long dataSegments)
    {
        if (flags != 0)
        {
            throw reader.Corrupt(flagsAt, $"flags {flags:x4} are set, version {Version} knows none");
        }

        if (segmentSizeBytes > int.MaxValue || !IsValidSegmentSize((int)segmentSizeBytes))
        {
            throw reader.Corrupt(flagsAt, $"the segment size {segmentSizeBytes} is not allowed");
        }

        var segments = sizeBytes < 0 ? -1 : CountSegments(sizeBytes, (int)segmentSizeBytes);
        if (segments is < 0 or > MaxSegmentCount)
        {
            throw reader.Corrupt(flagsAt, $"the size of {sizeBytes} bytes is negative or needs too many segments");
        }

        if (dataSegments < 0 || dataSegments > segments)
        {
            throw reader.Corrupt(flagsAt, $"{dataSegments} data segments do not fit in {segments} segments");
        }
    }

    private static ulong[] ReadBits(FormatReader reader, long segments, long dataSegments)
    {
        var at = reader.Offset;
        var bytes = reader.ReadBytes((segments + 63) / 64 * sizeof(ulong));
        var words = new ulong[bytes.Length / sizeof(ulong)];
        long set = 0;
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)));
            set += BitOperations.PopCount(words[i]);
        }

        if (set != dataSegments)
        {
            throw reader.Corrupt(at, $"{set} segments are marked as data but the header says {dataSegments}");
        }

        if (segments % 64 != 0 && words[^1] >> (int)(segments % 64) != 0)
        {
            throw reader.Corrupt(at, "segments behind the end are marked as data");
        }

        return words;
    }

    private static Digest[] ReadDigests(FormatReader reader, long count)
    {
        // Grows with what arrives: a header that promises 2^30 digests costs nothing until they are there.
        const int PieceDigests = 2048;
        var digests = new Digest[Math.Min(count, PieceDigests)];
        var piece = new byte[PieceDigests * Digest.SizeBytes];
        long filled = 0;
        while (filled < count)
        {
            if (filled == digests.Length)
            {
                Array.Resize(ref digests, (int)Math.Min(count, filled * 2));
            }

            var take = (int)Math.Min(PieceDigests, digests.Length - filled);
            reader.Read(piece.AsSpan(0, take * Digest.SizeBytes));
            for (var i = 0; i < take; i++)
            {
                digests[filled + i] = Digest.FromBytes(piece.AsSpan(i * Digest.SizeBytes, Digest.SizeBytes));
            }

            filled += take;
        }

        return digests;
    }

    private void WriteTo(FormatWriter writer)
    {
        if (_layout is not null)
        {
            throw new InvalidOperationException("A replica's map is computed from its snapshot's, not written.");
        }

        writer.Write(Magic);
        writer.Write(Version);
        writer.Write((ushort)0);
        writer.Write((uint)SegmentSizeBytes);
        writer.Write(SizeBytes);
        writer.Write(DataSegments);
        writer.WriteChecksum();
        WriteBits(writer);
        foreach (ref readonly var digest in _digests.AsSpan())
        {
            writer.Write(in digest);
        }

        writer.WriteChecksum();
    }

    private void WriteBits(FormatWriter writer)
    {
        if (BitConverter.IsLittleEndian)
        {
            writer.Write(MemoryMarshal.AsBytes(_dataBits.AsSpan()));
            return;
        }

        foreach (var word in _dataBits)
        {
            writer.Write((long)word);
        }
    }
}
