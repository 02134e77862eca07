using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace SnapshotGrains.Silo;

/// <summary>The IP addresses of this machine.</summary>
internal static class LocalAddresses
{
    /// <summary>
    /// Where others reach what listens at <paramref name="listening"/>: there; if that is any address, at the machine's
    /// first IPv4 address that is not loopback, and without one at the loopback address.
    /// </summary>
    public static IPAddress Reachable(IPAddress listening) => IsAny(listening)
        ? All().FirstOrDefault(
            address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
            ?? IPAddress.Loopback
        : listening;

    /// <summary>Whether something can listen at this address here. It cannot behind an address translation.</summary>
    public static bool IsHere(IPAddress address) => IPAddress.IsLoopback(address) || All().Contains(address);

    /// <summary>Whether it stands for all addresses.</summary>
    public static bool IsAny(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>In the system's order of its interfaces.</summary>
    private static IEnumerable<IPAddress> All() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(link => link.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
        .SelectMany(link => link.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address);
}
