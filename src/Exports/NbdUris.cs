using System.Net;

namespace SnapshotGrains.Exports;

/// <summary>Addresses of NBD servers as others are told them.</summary>
public static class NbdUris
{
    /// <summary>The URI of an address that a server listens on, without an export's name.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="isEncrypted">Whether the server offers TLS there; never on a Unix socket.</param>
    public static string Of(EndPoint endpoint, bool isEncrypted = false)
    {
        var scheme = isEncrypted ? "nbds" : "nbd";
        return endpoint switch
        {
            IPEndPoint { Address: var address } ip when address.Equals(IPAddress.Any) =>
                $"{scheme}://127.0.0.1:{ip.Port}",
            IPEndPoint ip => $"{scheme}://{ip}",
            _ => $"nbd+unix:///?socket={endpoint}",
        };
    }
}
