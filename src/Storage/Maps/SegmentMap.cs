using System.Numerics;

namespace SnapshotGrains.Storage;

/// <summary>
/// What a reader must know of a snapshot: its size, its segment size, which segments are zero and the digest of every
/// other one. Immutable. A bitmap with a rank index finds digests in constant time, so zero segments cost one bit:
/// an empty disk of 1 TiB in segments of 1 MiB takes 136 KiB.
/// </summary>
public sealed partial class SegmentMap
{
    /// <summary>Smallest segment size: 64 KiB.</summary>
    public const int MinSegmentSizeBytes = 64 * 1024;

    /// <summary>Largest segment size: 16 MiB.</summary>
    public const int MaxSegmentSizeBytes = 16 * 1024 * 1024;

    /// <summary>Segment size used when nobody asks for another: 1 MiB.</summary>
    public const int DefaultSegmentSizeBytes = 1024 * 1024;

    /// <summary>Most segments in a map, 2^30: 1 PiB in segments of 1 MiB.</summary>
    public const long MaxSegmentCount = 1L << 30;

    private const int WordsPerRank = 8;

    private readonly ulong[] _dataBits;
    private readonly int[] _ranks;
    private readonly Digest[] _digests;
    private readonly int _shift;
    private readonly StripeLayout? _layout;

    internal SegmentMap(
        long sizeBytes, int segmentSizeBytes, ulong[] dataBits, Digest[] digests, StripeLayout? layout = null)
    {
        SizeBytes = sizeBytes;
        _layout = layout;
        SegmentSizeBytes = segmentSizeBytes;
        _shift = BitOperations.Log2((uint)segmentSizeBytes);
        SegmentCount = CountSegments(sizeBytes, segmentSizeBytes);
        _dataBits = dataBits;
        _digests = digests;
        _ranks = BuildRanks(dataBits);
    }

    /// <summary>Size of the snapshot in bytes; need not be a multiple of anything.</summary>
    public long SizeBytes { get; }

    /// <summary>Size of every segment but the last, a power of two from 64 KiB to 16 MiB.</summary>
    public int SegmentSizeBytes { get; }

    /// <summary>Number of segments, the short last one included; 0 for an empty snapshot.</summary>
    public long SegmentCount { get; }

    /// <summary>Number of segments that are not all zero.</summary>
    public long DataSegments => _digests.Length;

    /// <summary>Number of segments that are all zero.</summary>
    public long ZeroSegments => SegmentCount - DataSegments;

    /// <summary>Digests of the data segments, in the order of the segments.</summary>
    public ReadOnlySpan<Digest> Digests => _digests;

    /// <summary>True when <paramref name="segmentSizeBytes"/> is a power of two in the allowed range.</summary>
    public static bool IsValidSegmentSize(int segmentSizeBytes) =>
        segmentSizeBytes is >= MinSegmentSizeBytes and <= MaxSegmentSizeBytes && BitOperations.IsPow2(segmentSizeBytes);

    /// <summary>
    /// Number of segments of <paramref name="segmentSizeBytes"/> that hold <paramref name="sizeBytes"/>.
    /// </summary>
    public static long CountSegments(long sizeBytes, int segmentSizeBytes) =>
        (sizeBytes / segmentSizeBytes) + (sizeBytes % segmentSizeBytes == 0 ? 0 : 1);

    /// <summary>
    /// Length of segment <paramref name="n"/> in bytes: the segment size, or what is left for the last. In a replica's
    /// map each segment of the last set may be short; the addresses behind its bytes are unused, and read as zeros.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    public int LengthOf(long n)
    {
        VerifyIndex(n);
        return _layout?.UsedBytesOf(n) ?? (int)Math.Min(SegmentSizeBytes, SizeBytes - (n << _shift));
    }

    /// <summary>
    /// True when segment <paramref name="n"/> holds nothing but zeros; it has no digest and no location.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    public bool IsZero(long n)
    {
        VerifyIndex(n);
        return (_dataBits[n >> 6] >> (int)(n & 63) & 1) == 0;
    }

    /// <summary>SHA-256 of segment <paramref name="n"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    /// <exception cref="InvalidOperationException">The segment is all zero.</exception>
    public Digest DigestOf(long n) => _digests[DataIndexOf(n)];

    /// <summary>Whether segment <paramref name="n"/> exists, has data, and this digest.</summary>
    public bool Holds(long n, in Digest digest) =>
        (ulong)n < (ulong)SegmentCount && !IsZero(n) && DigestOf(n) == digest;

    /// <summary>
    /// Position of segment <paramref name="n"/> among the data segments: the index of whatever is kept per data
    /// segment.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    /// <exception cref="InvalidOperationException">The segment is all zero.</exception>
    public int DataIndexOf(long n)
    {
        if (IsZero(n))
        {
            throw new InvalidOperationException($"Segment {n} is all zero and has no digest; ask IsZero first.");
        }

        var word = n >> 6;
        var rank = _ranks[word / WordsPerRank];
        for (var i = word / WordsPerRank * WordsPerRank; i < word; i++)
        {
            rank += BitOperations.PopCount(_dataBits[i]);
        }

        return rank + BitOperations.PopCount(_dataBits[word] & ((1UL << (int)(n & 63)) - 1));
    }

    /// <summary>
    /// The first data segment at or after <paramref name="n"/>, or <see cref="SegmentCount"/> when only zero segments
    /// follow: a walk over the data of a sparse snapshot skips its holes 64 segments at a time.
    /// </summary>
    public long NextData(long n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        for (var word = n >> 6; word < _dataBits.Length; word++)
        {
            var bits = _dataBits[word] & (word == n >> 6 ? ulong.MaxValue << (int)(n & 63) : ulong.MaxValue);
            if (bits != 0)
            {
                return (word << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return SegmentCount;
    }

    /// <summary>
    /// Where the run of segments that are alike, data or zero, and hold <paramref name="offset"/> ends, in bytes; looks
    /// no further than <paramref name="end"/>, which it may pass by less than a segment.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is not in the snapshot.</exception>
    public long EndOfRun(long offset, long end, out bool isZero)
    {
        var number = offset >> _shift;
        var dataEnd = EndOfData(number);
        isZero = offset >= dataEnd;
        if (isZero)
        {
            return Math.Min(SizeBytes, NextData(IsZero(number) ? number : number + 1) << _shift);
        }

        while (dataEnd == ++number << _shift && number < SegmentCount && dataEnd < end && !IsZero(number))
        {
            dataEnd = EndOfData(number);
        }

        return dataEnd;
    }

    /// <summary>True when both maps describe the same bytes in segments of the same size.</summary>
    public bool ContentEquals(SegmentMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return SizeBytes == other.SizeBytes
            && SegmentSizeBytes == other.SegmentSizeBytes
            && _dataBits.AsSpan().SequenceEqual(other._dataBits)
            && _digests.AsSpan().SequenceEqual(other._digests);
    }

    /// <summary>Where the bytes of a segment end: at its start, if it is zero.</summary>
    private long EndOfData(long n) => (n << _shift) + (IsZero(n) ? 0 : LengthOf(n));

    private static int[] BuildRanks(ulong[] dataBits)
    {
        var ranks = new int[(dataBits.Length + WordsPerRank - 1) / WordsPerRank];
        var rank = 0;
        for (var i = 0; i < dataBits.Length; i++)
        {
            if (i % WordsPerRank == 0)
            {
                ranks[i / WordsPerRank] = rank;
            }

            rank += BitOperations.PopCount(dataBits[i]);
        }

        return ranks;
    }

    private void VerifyIndex(long n)
    {
        if ((ulong)n >= (ulong)SegmentCount)
        {
            throw new ArgumentOutOfRangeException(nameof(n), n, $"The snapshot has {SegmentCount} segments.");
        }
    }
}
