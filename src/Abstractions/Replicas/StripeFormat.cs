using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// How an address space is laid out in segments, in the words of Ceph RBD (object size, stripe unit, stripe count).
/// Written <c>segment-unit-count</c> in bytes, as <c>1048576-65536-4</c>.
/// </summary>
/// <param name="SegmentSizeBytes">A power of two from 64 KiB to 16 MiB.</param>
/// <param name="StripeUnitBytes">A power of two from 4 KiB to the segment size.</param>
/// <param name="StripeCount">Segments that are filled in turns, 1 to 64.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.StripeFormat")]
public sealed record StripeFormat(
    [property: Id(0)] int SegmentSizeBytes,
    [property: Id(1)] int StripeUnitBytes,
    [property: Id(2)] int StripeCount)
{
    /// <summary>Segments one after the other.</summary>
    public static StripeFormat Unstriped(int segmentSizeBytes) => new(segmentSizeBytes, segmentSizeBytes, 1);

    /// <summary>Reads the written form; false when it is not of that form. The values may yet be impossible.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out StripeFormat? format)
    {
        format = null;
        var parts = text?.Split('-') ?? [];
        if (parts.Length != 3 || !TryParseNumber(parts[0], out var segment) || !TryParseNumber(parts[1], out var unit)
            || !TryParseNumber(parts[2], out var count))
        {
            return false;
        }

        format = new StripeFormat(segment, unit, count);
        return true;
    }

    /// <summary>The written form.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{SegmentSizeBytes}-{StripeUnitBytes}-{StripeCount}");

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
