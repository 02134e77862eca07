using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Three silo processes that share a database, an image center and the disks' directory.</summary>
internal sealed class ThreeNodes : IAsyncDisposable
{
    private readonly TempDirectory _shared = new();

    private ThreeNodes()
    {
    }

    public IReadOnlyList<SiloChild> All { get; private set; } = [];

    /// <summary>A client by any of them.</summary>
    public SnapshotGrainsClient Client { get; private set; } = null!;

    public static async Task<ThreeNodes> StartAsync(string database, params string[] options)
    {
        var nodes = new ThreeNodes();
        nodes.All = [.. Enumerable.Range(1, 3).Select(n => nodes.Create(n, [database, .. options]))];
        await Task.WhenAll(nodes.All.Select(node => node.StartAsync()));
        var servers = nodes.All.Select(node => node.Api.Server).ToArray();
        nodes.Client = SnapshotGrainsClient.Connect(servers[0], new ClientOptions { Fallbacks = servers[1..] });
        await Eventually.IsTrueAsync(
            async () => (await nodes.ListAsync()).Count(node => node.Endpoints is not null) == 3, "three silos are up");
        return nodes;
    }

    public Task<IReadOnlyList<NodeInfo>> ListAsync() => Client.Control.ListNodesAsync(CancellationToken.None);

    /// <summary>The process of the silo of that name.</summary>
    public SiloChild Of(string silo) => All[int.Parse(silo.Split('-')[1]) - 1];

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        foreach (var node in All)
        {
            await node.DisposeAsync();
        }

        _shared.Dispose();
    }

    private SiloChild Create(int n, string[] database)
    {
        var ports = FreePorts.Take(2);
        return new SiloChild
        {
            Http = $"127.0.0.1:{FreePorts.One()}",
            Nbd = "127.0.0.1:0",
            Options =
            [
                "--membership", "postgres", "--connection-string", .. database, "--node-name", $"node-{n}",
                "--silo-port", $"{ports[0]}", "--gateway-port", $"{ports[1]}",
                "--image-center", _shared["center"], "--disks", _shared["disks"],
            ],
        };
    }
}
