using System.Net;

namespace SnapshotGrains.Exports;

/// <summary>Addresses of NBD servers as others are told them.</summary>
public static class NbdUris
{
    /// <summary>The URI of an address that a server listens on, without an export's name.</summary>
    public static string Of(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint { Address: var address } ip when address.Equals(IPAddress.Any) => $"nbd://127.0.0.1:{ip.Port}",
        IPEndPoint ip => $"nbd://{ip}",
        _ => $"nbd+unix:///?socket={endpoint}",
    };
}
