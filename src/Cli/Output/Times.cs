using System.Globalization;

namespace SnapshotGrains.Cli.Output;

/// <summary>Writes points in time.</summary>
internal static class Times
{
    /// <summary>A point in time in UTC, to the second, as <c>2026-08-01 12:34:56Z</c>.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
