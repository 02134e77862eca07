using System.Globalization;

namespace SnapshotGrains.Cli.Output;

/// <summary>Writes ratios.</summary>
internal static class Shares
{
    /// <summary>A part of a whole in per cent, as <c>36.2 %</c>; a dash where the whole is nothing.</summary>
    public static string Percent(long part, long whole) =>
        whole == 0 ? "-" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A factor with two decimals, as <c>1.00</c>.</summary>
    public static string Factor(double factor) => factor.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A count with spaces between thousands, as <c>12 345</c>.</summary>
    public static string Count(long count) =>
        count.ToString("N0", CultureInfo.InvariantCulture).Replace(',', ' ');
}
