using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace SnapshotGrains.Silo;

/// <summary>An address that a server listens on.</summary>
public static class ListenAddress
{
    /// <summary>What one looks like, for messages.</summary>
    public const string Rule = "HOST:PORT, HOST being an IP address, 'localhost' or '*'";

    /// <summary>Reads an address; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        var address = text.Replace("localhost:", "127.0.0.1:", StringComparison.OrdinalIgnoreCase)
            .Replace("*:", "0.0.0.0:", StringComparison.Ordinal);
        endpoint = null;
        return address.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(address, out endpoint);
    }
}
