namespace SnapshotGrains.Storage;

/// <summary>Bytes that a derived segment takes from a base segment.</summary>
/// <param name="Source">Number of the base segment.</param>
/// <param name="From">Where they begin in it.</param>
/// <param name="To">Where they go in the derived one.</param>
/// <param name="Length">How many.</param>
internal readonly record struct SegmentCopy(long Source, int From, int To, int Length)
{
    /// <summary>All that segment <paramref name="n"/> of a replica is made of, in its order.</summary>
    public static IEnumerable<SegmentCopy> Of(ReplicaMap map, long n)
    {
        var size = map.Source.SegmentSizeBytes;
        var to = 0;
        foreach (var (offset, length) in map.PartsOf(n))
        {
            for (var (at, end) = (offset, offset + length); at < end;)
            {
                var source = at / size;
                var from = (int)(at % size);
                var piece = (int)Math.Min(end - at, size - from);
                yield return new SegmentCopy(source, from, to, piece);
                at += piece;
                to += piece;
            }
        }
    }
}
