using System.Text.RegularExpressions;

namespace SnapshotGrains.Silo;

/// <summary>Names of nodes where none is given.</summary>
internal static partial class NodeNames
{
    private const string Fallback = "silo";

    /// <summary>The machine's host name, as far as <see cref="ResourceName"/> lets it be one.</summary>
    public static string OfMachine(string host)
    {
        var name = Unfit().Replace(host.ToLowerInvariant(), "-").TrimStart('.', '_', '-');
        return name.Length == 0 ? Fallback : name[..Math.Min(name.Length, ResourceName.MaxLength)];
    }

    [GeneratedRegex("[^a-z0-9._-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Unfit();
}
