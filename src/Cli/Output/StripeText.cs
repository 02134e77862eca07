using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Output;

/// <summary>A stripe format for people.</summary>
internal static class StripeText
{
    /// <summary>As <c>1 MiB / 64 KiB x 4</c>: segment size, stripe unit, stripe count.</summary>
    public static string Of(StripeFormat format)
    {
        var segment = ByteSize.Approximate(format.SegmentSizeBytes);
        return format.StripeCount == 1 && format.StripeUnitBytes == format.SegmentSizeBytes
            ? $"none ({segment})"
            : $"{segment} / {ByteSize.Approximate(format.StripeUnitBytes)} x {format.StripeCount}";
    }
}
