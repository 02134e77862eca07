using System.Numerics;

namespace SnapshotGrains.Storage;

/// <summary>
/// Where the bytes of a striped address space lie, by Ceph RBD's formula (Ceph documentation, "Architecture", Data
/// Striping): the address space is cut into stripe units, which go round the columns of a set of
/// <see cref="StripeCount"/> segments until these are full; then the next set follows. The bytes of a set are the same
/// in both orders, so a set covers the same range of logical and of physical addresses: physical address =
/// segment number × segment size + offset in the segment.
/// </summary>
public sealed partial class StripeLayout
{
    /// <summary>Smallest stripe unit and encryption sector: 4 KiB.</summary>
    public const int MinUnitBytes = 4096;

    /// <summary>Most columns.</summary>
    public const int MaxStripeCount = 64;

    private readonly int _unitShift;
    private readonly int _segmentShift;

    /// <summary>A layout of an address space of this size.</summary>
    /// <param name="segmentSizeBytes">Size of a segment, a power of two from 64 KiB to 16 MiB.</param>
    /// <param name="stripeUnitBytes">Size of a stripe unit, a power of two from 4 KiB to the segment size.</param>
    /// <param name="stripeCount">Columns, 1 to 64.</param>
    /// <param name="sizeBytes">Size of the logical address space; need not be a multiple of anything.</param>
    /// <exception cref="ArgumentOutOfRangeException">See <see cref="ProblemOf"/>.</exception>
    public StripeLayout(int segmentSizeBytes, int stripeUnitBytes, int stripeCount, long sizeBytes)
    {
        if (ProblemOf(segmentSizeBytes, stripeUnitBytes, stripeCount) is { } problem)
        {
            throw new ArgumentOutOfRangeException(nameof(stripeUnitBytes), problem);
        }

        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        SegmentSizeBytes = segmentSizeBytes;
        StripeUnitBytes = stripeUnitBytes;
        StripeCount = stripeCount;
        SizeBytes = sizeBytes;
        _unitShift = BitOperations.Log2((uint)stripeUnitBytes);
        _segmentShift = BitOperations.Log2((uint)segmentSizeBytes);
        SetBytes = (long)segmentSizeBytes * stripeCount;
        var inLastSet = sizeBytes % SetBytes;
        var columns = Math.Min(stripeCount, (inLastSet + stripeUnitBytes - 1) >> _unitShift);
        SegmentCount = (sizeBytes / SetBytes * stripeCount) + columns;
    }

    /// <summary>Size of a segment, in bytes; only those of the last set may be short.</summary>
    public int SegmentSizeBytes { get; }

    /// <summary>Bytes that follow each other in a segment before the next column's turn.</summary>
    public int StripeUnitBytes { get; }

    /// <summary>Columns: segments that are filled in turns.</summary>
    public int StripeCount { get; }

    /// <summary>Size of the logical address space, in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Bytes of a set of segments that are filled in turns.</summary>
    public long SetBytes { get; }

    /// <summary>Number of segments, the short ones of the last set included.</summary>
    public long SegmentCount { get; }

    /// <summary>Size of the physical address space: every segment counts in full.</summary>
    public long PhysicalBytes => SegmentCount << _segmentShift;

    /// <summary>Whether logical and physical addresses are the same.</summary>
    public bool IsIdentity => StripeCount == 1 || StripeUnitBytes == SegmentSizeBytes;

    /// <summary>Bytes of the sectors of 4 KiB that hold so many bytes.</summary>
    public static long RoundUp(long bytes) => (bytes + MinUnitBytes - 1) & ~(long)(MinUnitBytes - 1);

    /// <summary>What is wrong with a stripe format, for people; null when nothing is.</summary>
    public static string? ProblemOf(long segmentSizeBytes, long stripeUnitBytes, long stripeCount)
    {
        if (segmentSizeBytes is < SegmentMap.MinSegmentSizeBytes or > SegmentMap.MaxSegmentSizeBytes
            || !BitOperations.IsPow2(segmentSizeBytes))
        {
            return $"the segment size {segmentSizeBytes} is not a power of two from 64 KiB to 16 MiB";
        }

        if (stripeUnitBytes < MinUnitBytes || stripeUnitBytes > segmentSizeBytes
            || !BitOperations.IsPow2(stripeUnitBytes))
        {
            return $"the stripe unit {stripeUnitBytes} is not a power of two from 4 KiB to the segment size "
                + $"{segmentSizeBytes}";
        }

        return stripeCount is < 1 or > MaxStripeCount
            ? $"the stripe count {stripeCount} is not a number from 1 to {MaxStripeCount}" : null;
    }

    /// <summary>Physical address of a logical one.</summary>
    public long ToPhysical(long logical)
    {
        if (IsIdentity)
        {
            return logical;
        }

        var set = logical / SetBytes;
        var unit = (logical - (set * SetBytes)) >> _unitShift;
        var row = unit / StripeCount;
        var column = unit - (row * StripeCount);
        return (((set * StripeCount) + column) << _segmentShift) + (row << _unitShift)
            + (logical & (StripeUnitBytes - 1));
    }

    /// <summary>
    /// Logical address of a physical one; it may lie past the end when the physical one is in the unused part of the
    /// last set.
    /// </summary>
    public long ToLogical(long physical)
    {
        if (IsIdentity)
        {
            return physical;
        }

        var segment = physical >> _segmentShift;
        var set = segment / StripeCount;
        var column = segment - (set * StripeCount);
        var row = (physical & (SegmentSizeBytes - 1)) >> _unitShift;
        return (set * SetBytes) + (((row * StripeCount) + column) << _unitShift) + (physical & (StripeUnitBytes - 1));
    }

    /// <summary>
    /// Bytes of segment <paramref name="n"/> that are used, always its first ones; rounded up to whole sectors of
    /// 4 KiB, because sectors are encrypted whole.
    /// </summary>
    public int UsedBytesOf(long n)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)n, (ulong)SegmentCount, nameof(n));
        var set = n / StripeCount;
        var left = Math.Min(SetBytes, SizeBytes - (set * SetBytes));
        var used = BytesBefore((int)(n - (set * StripeCount)), left);
        return (int)RoundUp(used);
    }

    /// <summary>The same layout for an address space of another size.</summary>
    public StripeLayout WithSize(long sizeBytes) =>
        new(SegmentSizeBytes, StripeUnitBytes, StripeCount, sizeBytes);
}
