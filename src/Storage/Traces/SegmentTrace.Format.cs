using System.Collections.Immutable;

namespace SnapshotGrains.Storage;

/// <content>Traces as bytes.</content>
public sealed partial class SegmentTrace
{
    /// <summary>What every encoded trace begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "SGTRACED"u8;

    private const ushort Version = 1;
    private const int HeaderBytes = 32;

    /// <summary>Of the two numbers of an entry: 31 bits of a segment with its sign, 20 bits of time.</summary>
    private const int MaxEntryBytes = 5 + 3;

    /// <summary>Most bytes that an encoded trace has.</summary>
    public const int MaxEncodedBytes = HeaderBytes + (MaxEntries * MaxEntryBytes) + sizeof(uint);

    /// <summary>Reads an encoded trace.</summary>
    /// <exception cref="CorruptFormatException">It is damaged, or of another version.</exception>
    public static SegmentTrace Decode(ReadOnlyMemory<byte> bytes)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        var reader = new FormatReader(stream, "trace");
        reader.VerifyStart(Magic, Version);
        if (reader.ReadUInt16() != 0)
        {
            throw reader.Corrupt(reader.Offset - sizeof(ushort), "it has flags that this program does not know");
        }

        var segmentSize = reader.ReadUInt32();
        var size = reader.ReadInt64();
        var count = reader.ReadUInt32();
        var length = reader.ReadUInt32();
        if (segmentSize > int.MaxValue || count > MaxEntries || length > (long)count * MaxEntryBytes)
        {
            throw reader.Corrupt(12, $"{count} entries in {length} bytes, segments of {segmentSize} bytes");
        }

        var packed = reader.ReadBytes(length).AsSpan(0, (int)length);
        reader.VerifyChecksum();
        reader.VerifyEnd();
        var entries = Unpack(packed, (int)count, reader);
        return ProblemOf(size, (int)segmentSize, entries) is { } problem
            ? throw reader.Corrupt(HeaderBytes, problem)
            : new SegmentTrace(size, (int)segmentSize, entries);
    }

    /// <summary>The trace as bytes.</summary>
    public byte[] Encode()
    {
        var packed = new MemoryStream();
        var (segment, step) = (-1L, 0);
        foreach (var entry in Entries)
        {
            // From one segment to the next is 0: most reads go on where the one before ended.
            Pack(packed, ZigZag(entry.Segment - segment - 1));
            Pack(packed, (ulong)(entry.Step - step));
            (segment, step) = (entry.Segment, entry.Step);
        }

        using var bytes = new MemoryStream();
        var writer = new FormatWriter(bytes.Write);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write((ushort)0);
        writer.Write((uint)SegmentSizeBytes);
        writer.Write(SizeBytes);
        writer.Write((uint)Entries.Length);
        writer.Write((uint)packed.Length);
        writer.Write(packed.GetBuffer().AsSpan(0, (int)packed.Length));
        writer.WriteChecksum();
        return bytes.ToArray();
    }

    private static ImmutableArray<TraceEntry> Unpack(ReadOnlySpan<byte> packed, int count, FormatReader reader)
    {
        var entries = ImmutableArray.CreateBuilder<TraceEntry>(count);
        var (segment, step, at) = (-1L, 0L, 0);
        for (var i = 0; i < count; i++)
        {
            if (!TryUnpack(packed, ref at, out var jump) || !TryUnpack(packed, ref at, out var wait))
            {
                throw reader.Corrupt(HeaderBytes + at, $"entry {i} of {count} is not one");
            }

            segment += UnZigZag(jump) + 1;
            step = Math.Min(step + (long)wait, int.MaxValue);
            entries.Add(new TraceEntry(segment, (int)step));
        }

        return at == packed.Length
            ? entries.MoveToImmutable()
            : throw reader.Corrupt(HeaderBytes + at, $"{packed.Length - at} bytes follow the last entry");
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Seven bits a byte, the lowest first; the highest bit says that more follow (LEB128).</summary>
    private static void Pack(MemoryStream into, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            into.WriteByte((byte)(value | 0x80));
        }

        into.WriteByte((byte)value);
    }

    private static bool TryUnpack(ReadOnlySpan<byte> packed, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * 5 && at < packed.Length; shift += 7)
        {
            var next = packed[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
