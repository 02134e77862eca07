using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>Bytes of a logical range that lie in a derived segment.</summary>
/// <param name="From">Where they begin in the segment.</param>
/// <param name="To">Where they go, from the begin of the range.</param>
/// <param name="Length">How many, in whole sectors.</param>
internal readonly record struct GatherPiece(int From, int To, int Length)
{
    /// <summary>The derived segments with data that logical bytes from <paramref name="start"/> to
    /// <paramref name="end"/> may lie in.</summary>
    public static IEnumerable<long> SegmentsOf(ReplicaMap map, long start, long end)
    {
        var layout = map.Layout;
        var last = Math.Min(map.Map.SegmentCount, ((end - 1) / layout.SetBytes + 1) * layout.StripeCount);
        var first = start / layout.SetBytes * layout.StripeCount;
        for (var n = map.Map.NextData(first); n < last; n = map.Map.NextData(n + 1))
        {
            yield return n;
        }
    }

    /// <summary>What segment <paramref name="n"/> has of the range.</summary>
    public static List<GatherPiece> Of(ReplicaMap map, long n, long start, long end)
    {
        var pieces = new List<GatherPiece>();
        var at = 0;
        foreach (var (offset, length) in map.PartsOf(n))
        {
            var (from, to) = (Math.Max(offset, start), Math.Min(offset + length, end));
            if (from < to)
            {
                // The snapshot's last sector may be short; under a key it is there as a whole.
                var bytes = (int)(to - from + StripeLayout.MinUnitBytes - 1) & ~(StripeLayout.MinUnitBytes - 1);
                pieces.Add(new GatherPiece(at + (int)(from - offset), (int)(from - start), bytes));
            }

            at += length;
        }

        return pieces;
    }
}
