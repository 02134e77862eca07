using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Where the silos of one process and their gateways are.</summary>
/// <param name="Address">Where others reach them.</param>
/// <param name="Ports">For each silo, its port and its gateway's.</param>
internal sealed record ClusterEndpoints(IPAddress Address, IReadOnlyList<(int Silo, int Gateway)> Ports)
{
    /// <summary>Whose state is in the grain storage: the same in all clusters.</summary>
    public const string ServiceId = "snapgrains";

    /// <summary>Where the silos of this process listen.</summary>
    public IPAddress Listening => LocalAddresses.IsHere(Address) ? Address : IPAddress.Any;

    /// <summary>The gateways of all silos.</summary>
    public IPEndPoint[] Gateways => [.. Ports.Select(ports => new IPEndPoint(Address, ports.Gateway))];

    /// <summary>As settings say; port 0 stands for free ones.</summary>
    public static ClusterEndpoints Of(SiloSettings settings)
    {
        var free = Free(settings.Advertise, settings.Silos);
        return free with
        {
            Ports = [.. free.Ports.Select((ports, index) => (
                settings.SiloPort == 0 ? ports.Silo : settings.SiloPort + index,
                settings.GatewayPort == 0 ? ports.Gateway : settings.GatewayPort + index))],
        };
    }

    /// <summary>On ports that are free now.</summary>
    public static ClusterEndpoints Free(IPAddress address, int silos)
    {
        var endpoints = new ClusterEndpoints(address, []);

        // All are held until the last is found, so that none is given twice.
        var holders = Enumerable.Range(0, 2 * silos).Select(_ => new TcpListener(endpoints.Listening, 0)).ToArray();
        try
        {
            var ports = holders.Select(holder =>
            {
                holder.Start();
                return ((IPEndPoint)holder.LocalEndpoint).Port;
            }).ToArray();
            return endpoints with { Ports = [.. ports.Chunk(2).Select(pair => (pair[0], pair[1]))] };
        }
        finally
        {
            Array.ForEach(holders, holder => holder.Dispose());
        }
    }

    /// <summary>Where others reach a silo.</summary>
    public IPEndPoint SiloAt(int index) => new(Address, Ports[index].Silo);
}
