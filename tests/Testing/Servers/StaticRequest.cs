using System.Globalization;

namespace SnapshotGrains.Testing;

/// <summary>A request that a <see cref="StaticFileServer"/> got.</summary>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Path">The path, without a slash at its start.</param>
/// <param name="Headers">The headers.</param>
public sealed record StaticRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether it is for a pack.</summary>
    public bool IsPack => Path.EndsWith(".pack", StringComparison.Ordinal);

    /// <summary>First and last byte asked for; null: all.</summary>
    public (long First, long Last)? Range => Headers.GetValueOrDefault("Range")?["bytes=".Length..].Split('-')
        is [var first, var last]
        ? (long.Parse(first, CultureInfo.InvariantCulture), long.Parse(last, CultureInfo.InvariantCulture))
        : null;
}
