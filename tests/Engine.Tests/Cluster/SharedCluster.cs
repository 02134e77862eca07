using Orleans.Configuration;

namespace SnapshotGrains.Engine.Tests.Cluster;

/// <summary>Two silos that tests share, as long as they stop neither.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    private TestCluster? _cluster;

    public IClusterClient Client => _cluster!.Client;

    public IReadOnlyList<TestSilo> Silos => _cluster!.Silos;

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(
        2,
        silo => silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout),
        client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout));

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}
