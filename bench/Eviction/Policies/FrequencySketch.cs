using System.Numerics;

namespace SnapshotGrains.Bench.Eviction;

/// <summary>
/// How often segments were used of late: a count-min sketch of four rows of counters up to 15, halved when ten times
/// as many uses as the cache has slots were counted.
/// </summary>
internal sealed class FrequencySketch(int slots)
{
    private const int Rows = 4;
    private const byte Most = 15;
    private static readonly uint[] Seeds = [0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F];

    private readonly byte[][] _rows = [.. Seeds.Select(_ => new byte[(int)BitOperations.RoundUpToPowerOf2((uint)slots * 8)])];
    private long _counted;

    public void Count(int segment)
    {
        for (var row = 0; row < Rows; row++)
        {
            ref var counter = ref _rows[row][IndexOf(segment, row)];
            counter += (byte)(counter < Most ? 1 : 0);
        }

        if (++_counted >= 10L * slots)
        {
            _counted /= 2;
            Array.ForEach(_rows, Halve);
        }
    }

    public int Estimate(int segment) => Enumerable.Range(0, Rows).Min(row => _rows[row][IndexOf(segment, row)]);

    private static void Halve(byte[] counters)
    {
        for (var i = 0; i < counters.Length; i++)
        {
            counters[i] >>= 1;
        }
    }

    private int IndexOf(int segment, int row)
    {
        var hash = ((uint)segment + 1) * Seeds[row];
        return (int)((hash ^ (hash >> 15)) & (uint)(_rows[row].Length - 1));
    }
}
