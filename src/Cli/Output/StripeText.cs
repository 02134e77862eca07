using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Output;

/// <summary>A stripe format for people.</summary>
internal static class StripeText
{
    /// <summary>As <c>1 MiB / 64 KiB x 4</c>: segment size, stripe unit, stripe count.</summary>
    public static string Of(StripeFormat format) => format == StripeFormat.Unstriped(format.SegmentSizeBytes)
        ? $"none ({ByteSize.Approximate(format.SegmentSizeBytes)})" : Written(format);

    private static string Written(StripeFormat format) => $"{ByteSize.Approximate(format.SegmentSizeBytes)} / "
        + $"{ByteSize.Approximate(format.StripeUnitBytes)} x {format.StripeCount}";
}
