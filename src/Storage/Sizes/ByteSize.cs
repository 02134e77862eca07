using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SnapshotGrains.Storage;

/// <summary>
/// Sizes as people write them: plain bytes, or a binary multiple with the suffix K, M, G, T, P or E (also KiB, MiB …,
/// either case). Decimal suffixes (KB, MB) are refused, because programs disagree on what they mean.
/// </summary>
public static class ByteSize
{
    private const string Units = "BKMGTPE";

    /// <summary>Reads a size in bytes.</summary>
    /// <exception cref="ByteSizeFormatException">Not a size, negative, or above 2^63 − 1 bytes.</exception>
    public static long Parse([NotNull] string? text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reason = Read(text, out var bytes);
        return reason is null ? bytes : throw new ByteSizeFormatException(text, reason);
    }

    /// <summary>Reads a size in bytes; false when the text is not a size that fits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out long bytes)
    {
        bytes = 0;
        return text is not null && Read(text, out bytes) is null;
    }

    /// <summary>
    /// The shortest exact text, which <see cref="Parse"/> reads back: 65536 gives "64K", 1000 gives "1000".
    /// </summary>
    public static string Format(long bytes)
    {
        var unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        var number = bytes.ToString(CultureInfo.InvariantCulture);
        return unit == 0 ? number : number + Units[unit];
    }

    /// <summary>A rounded text for people, with at most one decimal: "1.4 GiB", "512 B".</summary>
    public static string Approximate(long bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        while (Math.Abs(value) >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}iB");
    }

    /// <summary>Null when <paramref name="text"/> is a size, otherwise the reason why it is none.</summary>
    private static string? Read(string text, out long bytes)
    {
        bytes = 0;
        var trimmed = text.AsSpan().Trim();
        var digits = trimmed.LastIndexOfAnyInRange('0', '9') + 1;
        if (digits == 0)
        {
            return "it holds no number";
        }

        var multiplier = MultiplierOf(trimmed[digits..].TrimStart());
        if (multiplier == 0)
        {
            return $"the unit '{trimmed[digits..].TrimStart()}' is unknown";
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(trimmed[..digits], Style, CultureInfo.InvariantCulture, out var number))
        {
            return "its number is negative, too long or malformed";
        }

        return Scale(number, multiplier, out bytes);
    }

    private static string? Scale(decimal number, long multiplier, out long bytes)
    {
        bytes = 0;
        if (number > long.MaxValue / multiplier)
        {
            return "it is larger than 2^63 - 1 bytes";
        }

        var scaled = number * multiplier;
        if (decimal.Truncate(scaled) != scaled)
        {
            return "it is not a whole number of bytes";
        }

        bytes = (long)scaled;
        return null;
    }

    /// <summary>Bytes per unit, or 0 for a suffix that is none of ours.</summary>
    private static long MultiplierOf(ReadOnlySpan<char> suffix)
    {
        if (suffix.IsEmpty)
        {
            return 1;
        }

        var unit = Units.IndexOf(char.ToUpperInvariant(suffix[0]));
        var bare = suffix.Length == 1;
        var binary = suffix.Length == 3 && unit > 0 && suffix[1..].Equals("iB", StringComparison.OrdinalIgnoreCase);
        return unit >= 0 && (bare || binary) ? 1L << (10 * unit) : 0;
    }
}
