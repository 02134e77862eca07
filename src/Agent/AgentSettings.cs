using System.Net;
using SnapshotGrains.Client;

namespace SnapshotGrains.Agent;

/// <summary>What an agent needs to know.</summary>
public sealed record AgentSettings
{
    /// <summary>A node of the cluster.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where to listen for guests: Unix sockets, TCP endpoints; at least one.</summary>
    public required IReadOnlyList<EndPoint> Endpoints { get; init; }

    /// <summary>The disks and snapshots to attach, and to export by these names only; none: all, as they are asked for.
    /// </summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>For what disks are attached.</summary>
    public DiskAccess Access { get; init; } = DiskAccess.ReadWrite;

    /// <summary>How the client library behaves; its cache is the host's.</summary>
    public ClientOptions Client { get; init; } = new();
}
