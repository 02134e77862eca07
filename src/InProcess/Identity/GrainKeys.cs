using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Keys as Orleans writes them: integers in upper-case hexadecimal, GUIDs without dashes.</summary>
internal static class GrainKeys
{
    public static IdSpan FromLong(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    public static IdSpan FromGuid(Guid key) => IdSpan.Create(key.ToString("N"));

    public static IdSpan FromString(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return IdSpan.Create(key);
    }

    public static bool TryParseLong(IdSpan key, out long value) => long.TryParse(
        key.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
