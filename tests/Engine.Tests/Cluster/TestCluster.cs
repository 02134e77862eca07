using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Engine.Tests.Cluster;

/// <summary>A few silos and a client in this process. The first silo lives as long as the cluster.</summary>
public sealed partial class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly List<TestSilo> _silos = [];
    private readonly int _firstGatewayPort = FreePorts.One();
    private IHost? _client;

    /// <summary>Set-up of every silo, before it starts.</summary>
    public Action<ISiloBuilder>? ConfigureSilo { get; init; }

    /// <summary>Set-up of the client.</summary>
    public Action<IClientBuilder>? ConfigureClient { get; init; }

    public IReadOnlyList<TestSilo> Silos => _silos;

    public IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    public static async Task<TestCluster> StartAsync(
        int silos, Action<ISiloBuilder>? configureSilo = null, Action<IClientBuilder>? configureClient = null)
    {
        var cluster = new TestCluster { ConfigureSilo = configureSilo, ConfigureClient = configureClient };
        for (var i = 0; i < silos; i++)
        {
            await cluster.AddSiloAsync();
        }

        await cluster.StartClientAsync();
        await cluster.UntilActiveAsync(silos);
        return cluster;
    }

    public async Task<TestSilo> AddSiloAsync(Action<ISiloBuilder>? configure = null)
    {
        var builder = Builder();
        var (siloPort, gatewayPort) = (FreePorts.One(), _silos.Count == 0 ? _firstGatewayPort : FreePorts.One());
        var primary = _silos.Count == 0 ? null : new IPEndPoint(IPAddress.Loopback, _silos[0].SiloPort);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, primary, _id, _id);
            silo.Configure<SiloOptions>(options => options.SiloName = $"silo-{_silos.Count}");
            silo.AddMemoryGrainStorageAsDefault();
            ConfigureEngine(silo);
            ConfigureSilo?.Invoke(silo);
            configure?.Invoke(silo);
        });
        var silo = new TestSilo(builder.Build(), siloPort, gatewayPort);
        _silos.Add(silo);
        await silo.Host.StartAsync().WaitAsync(Limit);
        return silo;
    }

    /// <summary>Waits until every living silo knows of this many active silos.</summary>
    public async Task UntilActiveAsync(int silos)
    {
        using var limit = new CancellationTokenSource(Limit);
        foreach (var silo in _silos.Where(silo => !silo.IsStopped))
        {
            var management = silo.Factory.GetGrain<IManagementGrain>(0);
            while ((await management.GetHosts(onlyActive: true)).Count != silos || !Knows(silo, silos))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await StopAsync(_client);
        }

        foreach (var silo in _silos.Where(silo => !silo.IsStopped).Reverse())
        {
            await StopAsync(silo.Host);
        }
    }

    private static HostApplicationBuilder Builder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        return builder;
    }

    // At the end of a test nobody waits for stragglers.
    private static async Task StopAsync(IHost host)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await host.StopAsync(limit.Token);
        host.Dispose();
    }

    public async Task StartClientAsync()
    {
        var builder = Builder();
        builder.UseOrleansClient(client =>
        {
            client.UseLocalhostClustering([_firstGatewayPort], _id, _id);
            ConfigureClient?.Invoke(client);
        });
        _client = builder.Build();
        await _client.StartAsync().WaitAsync(Limit);
    }
}
