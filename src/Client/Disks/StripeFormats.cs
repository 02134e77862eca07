using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>From a stripe format to where bytes lie.</summary>
public static class StripeFormats
{
    /// <summary>The format's layout of an address space of <paramref name="sizeBytes"/>.</summary>
    /// <exception cref="SnapshotGrainsException">The format is impossible; <see cref="ErrorCode.BadRequest"/>.
    /// </exception>
    public static StripeLayout LayoutOf(this StripeFormat format, long sizeBytes) =>
        StripeLayout.ProblemOf(format.SegmentSizeBytes, format.StripeUnitBytes, format.StripeCount) is { } problem
            ? throw new SnapshotGrainsException(ErrorCode.BadRequest, $"Stripe format {format}: {problem}.")
            : new StripeLayout(format.SegmentSizeBytes, format.StripeUnitBytes, format.StripeCount, sizeBytes);
}
