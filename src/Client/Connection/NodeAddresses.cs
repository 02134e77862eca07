using System.Net;

namespace SnapshotGrains.Client;

/// <summary>
/// Nodes' addresses as they are good for this process. A node that listens on its loopback address only knows no other;
/// who reached it through a tunnel or a name of its host reaches its other servers in the same way.
/// </summary>
/// <param name="server">The server that was named; null where none was.</param>
internal sealed class NodeAddresses(Uri? server)
{
    /// <summary>The nodes, each with the addresses to use.</summary>
    public IReadOnlyList<NodeInfo> Of(IReadOnlyList<NodeInfo> nodes) =>
        [.. nodes.Select(node => node with { Endpoints = Of(node.Endpoints) })];

    /// <summary>The addresses to use.</summary>
    public NodeEndpoints? Of(NodeEndpoints? endpoints) => endpoints is null ? null
        : new NodeEndpoints(Of(endpoints.Http), [.. endpoints.Nbd.Select(Of)]);

    /// <summary>The address to use.</summary>
    public Uri Of(Uri address) => server is not null && IsOwn(address.Host)
        ? new UriBuilder(address) { Host = server.Host }.Uri : address;

    private string Of(string nbd)
    {
        var uri = Nbd.NbdUri.Parse(nbd);
        return uri.SocketPath is null && server is not null && IsOwn(uri.Host)
            ? (uri with { Host = server.Host }).ToString() : nbd;
    }

    private static bool IsOwn(string host) => IPAddress.TryParse(host, out var address)
        && address.Equals(IPAddress.Loopback);
}
