using System.Globalization;

namespace SnapshotGrains.Cli.Parsing;

/// <summary>Durations as people write and read them: 500ms, 30s, 2m, 1h; a bare number means seconds.</summary>
internal static class DurationText
{
    /// <summary>What a duration looks like, for messages and help texts.</summary>
    public const string Rule = "a number with ms, s, m or h, as 500ms, 30s or 2m";

    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Reads a duration of more than zero and at most a day.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var trimmed = (text ?? "").Trim();
        var (suffix, scale) = Units.FirstOrDefault(
            unit => trimmed.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase), ("", 1));
        var digits = trimmed[..^suffix.Length];
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var seconds = number * scale;
        if (seconds is <= 0 or > 86_400)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>Writes a duration with the unit that suits it, as <c>3.2 s</c> or <c>2 m 05 s</c>.</summary>
    public static string Format(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 0.001 => Invariant($"{duration.TotalMicroseconds:0} µs"),
        < 0.01 => Invariant($"{duration.TotalMilliseconds:0.00} ms"),
        < 0.1 => Invariant($"{duration.TotalMilliseconds:0.#} ms"),
        < 1 => Invariant($"{duration.TotalMilliseconds:0} ms"),
        < 60 => Invariant($"{duration.TotalSeconds:0.0} s"),
        < 3600 => Invariant($"{(int)duration.TotalMinutes} m {duration.Seconds:00} s"),
        < 86_400 => Invariant($"{(int)duration.TotalHours} h {duration.Minutes:00} m"),
        _ => Invariant($"{(int)duration.TotalDays} d {duration.Hours:00} h"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
