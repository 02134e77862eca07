namespace SnapshotGrains.Storage;

/// <summary>Collects segments in order and makes a <see cref="SegmentMap"/> of them. Not thread-safe.</summary>
public sealed class SegmentMapBuilder
{
    private readonly int _segmentSizeBytes;
    private readonly List<Digest> _digests = [];
    private ulong[] _dataBits = new ulong[16];

    /// <summary>Starts an empty map.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a power of two from 64 KiB to 16 MiB.</exception>
    public SegmentMapBuilder(int segmentSizeBytes = SegmentMap.DefaultSegmentSizeBytes)
    {
        if (!SegmentMap.IsValidSegmentSize(segmentSizeBytes))
        {
            throw new ArgumentOutOfRangeException(
                nameof(segmentSizeBytes), segmentSizeBytes, "A segment size is a power of two from 64 KiB to 16 MiB.");
        }

        _segmentSizeBytes = segmentSizeBytes;
    }

    /// <summary>Segments added so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds <paramref name="count"/> segments that are all zero.</summary>
    public void AddZero(long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Grow(Count + count);
    }

    /// <summary>Adds a segment with this digest.</summary>
    public void AddData(in Digest digest)
    {
        Grow(Count + 1);
        _dataBits[(Count - 1) >> 6] |= 1UL << (int)((Count - 1) & 63);
        _digests.Add(digest);
    }

    /// <summary>The map of what was added.</summary>
    /// <param name="sizeBytes">Exact size of the content; decides the length of the last segment.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size does not need as many segments as were added.</exception>
    public SegmentMap Build(long sizeBytes)
    {
        if (sizeBytes < 0 || SegmentMap.CountSegments(sizeBytes, _segmentSizeBytes) != Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(sizeBytes), sizeBytes, $"The size does not match the {Count} segments that were added.");
        }

        return new SegmentMap(sizeBytes, _segmentSizeBytes, _dataBits[..(int)((Count + 63) / 64)], [.. _digests]);
    }

    /// <summary>The map of a replica's segments, as they lie in this layout.</summary>
    internal SegmentMap Build(StripeLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(layout.SegmentCount, Count);
        return new SegmentMap(
            layout.PhysicalBytes, _segmentSizeBytes, _dataBits[..(int)((Count + 63) / 64)], [.. _digests], layout);
    }

    private void Grow(long count)
    {
        if (count > SegmentMap.MaxSegmentCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"A map holds at most {SegmentMap.MaxSegmentCount} segments; use larger ones.");
        }

        var words = (int)((count + 63) / 64);
        if (words > _dataBits.Length)
        {
            Array.Resize(ref _dataBits, Math.Max(words, _dataBits.Length * 2));
        }

        Count = count;
    }
}
