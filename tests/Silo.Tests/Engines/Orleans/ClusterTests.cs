using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Tests of what needs a database; xUnit gives each class one pair of servers.</summary>
public abstract class ClusterTests(ClusterDatabases databases) : IClassFixture<ClusterDatabases>, IAsyncLifetime
{
    /// <summary>How long a dead silo may be taken for alive.</summary>
    protected static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(8);

    private protected static readonly CancellationToken None = CancellationToken.None;

    private readonly TempDirectory _directory = new();

    protected ClusterDatabases Databases => databases;

    /// <summary>Where this test's nodes have their images, as they would share a file system.</summary>
    protected string Center => _directory["center"];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Where a node has its own data.</summary>
    protected string DataOf(string node) => _directory[node];

    /// <summary>Settings of a node on ports of its own.</summary>
    protected Dictionary<string, string?> SettingsOf(Membership membership, string connection, string node)
    {
        var ports = FreePorts.Take(2);
        return new Dictionary<string, string?>
        {
            ["Membership"] = $"{membership}",
            ["ConnectionString"] = connection,
            ["NodeName"] = node,
            ["SiloPort"] = $"{ports[0]}",
            ["GatewayPort"] = $"{ports[1]}",
            ["Data"] = DataOf(node),
            ["ImageCenter"] = Center,
            ["Http"] = "127.0.0.1:0",
            ["Nbd"] = "",
            ["CacheBytes"] = "64M",
        };
    }

    /// <summary>The names that a process lists.</summary>
    private protected static async Task<string[]> NodesOf(SiloProcess process) =>
        [.. (await process.Client.Control.ListNodesAsync(None)).Select(node => node.Name)];
}
