using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>The loopback cluster that the silos of one process form.</summary>
/// <param name="ClusterId">Keeps processes on one machine apart.</param>
/// <param name="Ports">For each silo, its port and its gateway's.</param>
internal sealed record ClusterIdentity(string ClusterId, IReadOnlyList<(int Silo, int Gateway)> Ports)
{
    public const string ServiceId = "snapgrains";

    public IPEndPoint Primary => new(IPAddress.Loopback, Ports[0].Silo);

    public int[] GatewayPorts => [.. Ports.Select(ports => ports.Gateway)];

    /// <summary>A new cluster on ports that are free now.</summary>
    public static ClusterIdentity Create(int silos)
    {
        // All are held until the last is found, so that none is given twice.
        var holders = Enumerable.Range(0, 2 * silos).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            var ports = holders.Select(holder =>
            {
                holder.Start();
                return ((IPEndPoint)holder.LocalEndpoint).Port;
            }).ToArray();
            return new ClusterIdentity(
                $"snapgrains-{Guid.NewGuid():n}", [.. ports.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        }
        finally
        {
            Array.ForEach(holders, holder => holder.Dispose());
        }
    }
}
