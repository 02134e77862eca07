using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images.Tests;

/// <summary>Damages sparse images at random, in the ways that wires, disks and adversaries do.</summary>
internal static class SparseMutations
{
    private const int Header = 24;
    private const int Record = 20;

    private static readonly ulong[] Extremes =
    [
        0, 1, 8, 0x7FFF_FFFF, 0x8000_0000, uint.MaxValue, 1UL << 54, long.MaxValue, 1UL << 63, ulong.MaxValue - 1,
        ulong.MaxValue,
    ];

    /// <summary>One to three alterations; then checksums are put right, if asked for.</summary>
    public static byte[] Mutate(byte[] good, Random random, bool repair)
    {
        var bytes = good.ToArray();
        for (var i = random.Next(3); i >= 0; i--)
        {
            bytes = Alter(bytes, random);
        }

        if (repair)
        {
            Repair(bytes);
        }

        return bytes;
    }

    private static byte[] Alter(byte[] bytes, Random random)
    {
        if (bytes.Length < Header)
        {
            return [.. bytes, .. TestImages.Noise(random.Next(), 30)];
        }

        // Headers are a small part of the bytes, but most of what can go wrong.
        var records = RecordsOf(bytes);
        var at = random.Next(2) == 0 ? random.Next(bytes.Length) : records[random.Next(records.Count)];
        var length = Math.Min(bytes.Length - at, random.Next(1, 200));
        switch (random.Next(7))
        {
            case 0:
                bytes[Math.Min(bytes.Length - 1, at + random.Next(Record))] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                return bytes[..at];
            case 2:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..at], .. TestImages.Noise(random.Next(), length), .. bytes[at..]];
            case 4:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 5:
                return WithoutOrTwice(bytes, records, random);
            default:
                var value = BitConverter.GetBytes(Extremes[random.Next(Extremes.Length)]);
                var field = Math.Min(bytes.Length - 8, at + (random.Next(4) * 4));
                value.AsSpan(0, random.Next(2) == 0 ? 4 : 8).CopyTo(bytes.AsSpan(field));
                return bytes;
        }
    }

    /// <summary>A whole record is lost, or comes twice.</summary>
    private static byte[] WithoutOrTwice(byte[] bytes, List<int> records, Random random)
    {
        var i = random.Next(records.Count);
        var end = i + 1 < records.Count ? records[i + 1] : bytes.Length;
        return random.Next(2) == 0
            ? [.. bytes[..records[i]], .. bytes[end..]]
            : [.. bytes[..end], .. bytes[records[i]..]];
    }

    /// <summary>Where the image's header and its records begin, as far as they can be followed.</summary>
    private static List<int> RecordsOf(byte[] bytes)
    {
        List<int> records = [0];
        for (var at = (long)Header; at + Record <= bytes.Length;)
        {
            records.Add((int)at);
            at += Record + BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)at + 8));
        }

        return records;
    }

    private static void Repair(byte[] bytes)
    {
        foreach (var at in RecordsOf(bytes))
        {
            var header = bytes.AsSpan(at);
            var sealedBytes = at == 0 ? Header - 4 : Record - 4;
            if (header.Length < sealedBytes + 4)
            {
                return;
            }

            if (at > 0)
            {
                var length = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
                var data = header.Slice(Record, (int)Math.Min(length, header.Length - Record));
                BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Compute(data));
            }

            BinaryPrimitives.WriteUInt32LittleEndian(header[sealedBytes..], Crc32C.Compute(header[..sealedBytes]));
        }
    }
}
