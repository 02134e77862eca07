using System.Numerics;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has one. That takes three
/// cycles and can be begun in each, so long inputs are cut into three lanes (Gopal et al., "Fast CRC Computation for
/// iSCSI Polynomial", Intel 2011).
/// </summary>
public static class Crc32C
{
    private const int LaneWords = 1024;
    private const int LaneBytes = LaneWords * sizeof(ulong);

    /// <summary>What a lane of zeros makes of a state, by each of the state's bytes.</summary>
    private static readonly uint[] ZerosTable = CreateTable();

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of earlier bytes, whose checksum was <paramref name="crc"/>, followed by these.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        for (; bytes.Length >= 3 * LaneBytes; bytes = bytes[(3 * LaneBytes)..])
        {
            crc = AddLanes(crc, MemoryMarshal.Cast<byte, ulong>(bytes[..(3 * LaneBytes)]));
        }

        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = Add(crc, word);
        }

        foreach (var octet in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return ~crc;
    }

    private static uint AddLanes(uint first, ReadOnlySpan<ulong> words)
    {
        var a = words[..LaneWords];
        var b = words[LaneWords..(2 * LaneWords)];
        var c = words[(2 * LaneWords)..];
        var (second, third) = (0u, 0u);
        for (var i = 0; i < a.Length; i++)
        {
            first = Add(first, a[i]);
            second = Add(second, b[i]);
            third = Add(third, c[i]);
        }

        return PastLane(PastLane(first) ^ second) ^ third;
    }

    private static uint Add(uint crc, ulong word) => BitOperations.Crc32C(
        crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));

    private static uint PastLane(uint crc) => ZerosTable[(byte)crc] ^ ZerosTable[256 + (byte)(crc >> 8)]
        ^ ZerosTable[512 + (byte)(crc >> 16)] ^ ZerosTable[768 + (crc >> 24)];

    /// <summary>A checksum is linear in the state before it, so those of single bits make all others.</summary>
    private static uint[] CreateTable()
    {
        var table = new uint[4 * 256];
        for (var bit = 0; bit < 32; bit++)
        {
            var crc = 1u << bit;
            for (var n = 0; n < LaneWords; n++)
            {
                crc = BitOperations.Crc32C(crc, 0ul);
            }

            var (start, value) = (bit / 8 * 256, 1 << (bit % 8));
            for (var low = 0; low < value; low++)
            {
                table[start + value + low] = table[start + low] ^ crc;
            }
        }

        return table;
    }
}
