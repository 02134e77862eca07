using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using SnapshotGrains.Client;
using SnapshotGrains.Grains.Hosting;
using SnapshotGrains.Grains.Nodes;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>One silo of this process: a host of its own, so that it can leave or die alone.</summary>
internal sealed class SiloNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly SegmentExchange _exchange;
    private readonly CacheNode _node;
    private int _hasLeft;

    private SiloNode(string name, IHost host, SegmentExchange exchange)
    {
        Name = name;
        _host = host;
        _exchange = exchange;
        _node = host.Services.GetRequiredService<CacheNode>();
        Grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    public string Name { get; }

    /// <summary>Calls grains, from the silo itself.</summary>
    public IGrainFactory Grains { get; }

    public bool IsRunning => _hasLeft == 0;

    public static async Task<SiloNode> StartAsync(int index, SiloServices shared, CancellationToken cancellationToken)
    {
        var name = $"{shared.Settings.NodeName}-{index}";
        var host = Build(name, index, shared);
        var node = new SiloNode(name, host, shared.Exchange);
        try
        {
            await shared.Cluster.CheckAsync(host.Services, name, index, cancellationToken).ConfigureAwait(false);
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            await shared.Cluster.ConfirmAsync(host.Services, name, index, cancellationToken).ConfigureAwait(false);
            shared.Exchange.Join(name, node._node.HandOver);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a segment resident here, and keeps it for a moment for its reader.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public ValueTask MakeResidentAsync(
        SegmentKey key, FetchUrgency urgency, CancellationToken cancellationToken) =>
        _node.MakeResidentAsync(key, urgency, cancellationToken);

    /// <summary>Drops the segments that are encrypted under a key.</summary>
    /// <returns>How many.</returns>
    public Task<int> DropAsync(KeyRef key, CancellationToken cancellationToken) => IsRunning
        ? _host.Services.GetRequiredService<ResidentGrains>().DropAsync(key, cancellationToken)
        : Task.FromResult(0);

    /// <summary>The silo's address in the cluster.</summary>
    public string Address => _host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    /// <summary>Hands over what it has; the cluster knows already that it will leave.</summary>
    /// <param name="cancellationToken">Leaves the rest where it is.</param>
    public Task HandOverAsync(CancellationToken cancellationToken) =>
        _host.Services.GetRequiredService<NodeDrain>().FinishAsync(cancellationToken);

    /// <summary>Leaves the cluster in order: activations deactivate, calls go elsewhere.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => LeaveAsync(cancellationToken);

    /// <summary>Dies: nothing is handed over, its segments are lost.</summary>
    public Task KillAsync() => LeaveAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static IHost Build(string name, int index, SiloServices shared)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(shared.Logging);
        builder.UseOrleans(silo =>
        {
            shared.Cluster.Configure(silo, name, index);
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = shared.CallTimeout);
            silo.Configure<GrainCollectionOptions>(options => options.ActivationTimeout = shared.CallTimeout);
            GrainEngine.Configure(silo, shared.Settings);
            GrainTls.Secure(silo, shared.Tls);
            silo.AddSnapshotGrains(
                new CacheNodeOptions
                {
                    Name = name,
                    CacheBytes = shared.Settings.CacheBytes,
                    CachePopulate = shared.Settings.CachePopulate,
                    Disk = shared.Tier?.Segments,
                    LoadTimeout = shared.Settings.ReadTimeout,
                    Endpoints = () => shared.Address.Endpoints,
                    BytesNeeded = () => shared.Need.DistinctBytes,
                },
                shared.Center,
                shared.Manifests,
                shared.Home,
                services => shared.DerivationOver(services.GetRequiredService<IGrainFactory>()));
        });
        return builder.Build();
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) == 1)
        {
            return;
        }

        try
        {
            await _host.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Dying abruptly is not an error of the one who asked for it.
        }
        finally
        {
            // Not sooner: until the cluster knows, placement still points here, and what is here can still be read.
            _exchange.Leave(Name, _node.HandOver);
        }

        await _node.DisposeAsync().ConfigureAwait(false);
    }
}
