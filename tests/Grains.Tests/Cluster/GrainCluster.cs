using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Hosting;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Silos and a client in this process, on whichever engine the build chose, over an image center in a temporary
/// directory whose reads can be disturbed.
/// </summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    public const int SegmentSize = 64 << 10;

    private readonly TempDirectory _directory = new();
    private readonly SegmentExchange _exchange = new();
    private readonly List<(IHost Host, CacheNode Node)> _silos = [];
    private readonly ConcurrentDictionary<string, string> _batchHomes = new();
    private readonly long _cacheBytes;
    private readonly TimeSpan _timeout;
    private readonly long _replicaBytes;
    private ImmutableArray<int> _ports;
    private IHost _clientHost = null!;
    private KeyRing _keys = null!;

    private GrainCluster(long cacheBytes, TimeSpan timeout, long replicaBytes) =>
        (_cacheBytes, _timeout, _replicaBytes) = (cacheBytes, timeout, replicaBytes);

    public ProbedImageCenter Center { get; private set; } = null!;

    public ManifestCache Manifests { get; private set; } = null!;

    public SnapshotGrainsClient Client { get; private set; } = null!;

    public ReplicaReaders Readers { get; private set; } = null!;

    /// <summary>The caches of the silos.</summary>
    public SegmentExchange Exchange => _exchange;

    /// <summary>The keys that the silos have.</summary>
    public TestKeys Keys { get; } = new();

    /// <summary>Where the disks' own blocks are, for all silos.</summary>
    public DiskHome Home { get; private set; } = null!;

    /// <summary>Where segments of kept replicas are, for all silos.</summary>
    public ReplicaStore Replicas { get; private set; } = null!;

    public string ReplicasPath => Path.Combine(_directory.Path, "replicas");

    /// <summary>The grains' states, which outlive the silos; null: memory that does not.</summary>
    public SharedStore? Store { get; private init; }

    public GrainControlPlane Control => (GrainControlPlane)Client.Control;

    public IGrainFactory Grains => _clientHost.Services.GetRequiredService<IClusterClient>();

    /// <summary>The cache nodes that have not been killed.</summary>
    public IEnumerable<CacheNode> Nodes => _silos.Select(silo => silo.Node);

    public string CenterPath => Path.Combine(_directory.Path, "center");

    public static async Task<GrainCluster> StartAsync(
        int silos = 3,
        long cacheBytes = 64L << 20,
        TimeSpan? readTimeout = null,
        SharedStore? store = null,
        long replicaBytes = 1L << 30)
    {
        var cluster = new GrainCluster(cacheBytes, readTimeout ?? TimeSpan.FromSeconds(30), replicaBytes)
        {
            Store = store,
        };
        cluster.Center = new ProbedImageCenter(
            await DirectoryImageCenter.OpenAsync(cluster.CenterPath, CancellationToken.None));
        await cluster.StartSilosAsync(silos);
        return cluster;
    }

    /// <summary>Stops everything as a crash of the machine would, and starts it again.</summary>
    public async Task RestartAsync()
    {
        var silos = _silos.Count;
        await StopSilosAsync();
        _batchHomes.Clear();
        await StartSilosAsync(silos);
    }

    /// <summary>The silo on which the grain of a batch clone lives; null if nobody called it.</summary>
    public string? HomeOfBatch(string id) => _batchHomes.GetValueOrDefault(id);

    /// <summary>Imports bytes as an image and returns its name.</summary>
    public Task<SnapshotId> ImportAsync(string id, byte[] content) => Center.ImportAsync(id, content, SegmentSize);

    /// <summary>Stops a silo as a crash would; not silo 0, which holds an Orleans development cluster.</summary>
    public async Task KillAsync(string name)
    {
        var (host, node) = _silos.Single(silo => silo.Node.Name == name);
        _silos.Remove((host, node));
        _exchange.Leave(name, node.HandOver);
        await StopAbruptlyAsync(host);
        await DisposeAsync(host);
    }

    public async ValueTask DisposeAsync()
    {
        await StopSilosAsync();
        _directory.Dispose();
    }

    private static async Task StopAbruptlyAsync(IHost host)
    {
        try
        {
            await host.StopAsync(new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            // What an abrupt stop reports.
        }
    }

    private static async ValueTask DisposeAsync(IHost host) => await ((IAsyncDisposable)host).DisposeAsync();

    private async Task StartSilosAsync(int silos)
    {
        _ports = FreePorts.Take(2 * silos);
        Manifests = new ManifestCache(Center, TimeProvider.System);
        Home = new DiskHome(
            Guid.NewGuid(),
            new OverlayDirectory(Path.Combine(_directory.Path, "overlays")), Center, new HydrationOptions(),
            TimeProvider.System, NullLogger<DiskHome>.Instance);
        Replicas = ReplicaStore.Open(
            new ReplicaStoreOptions { Directory = ReplicasPath, BudgetBytes = _replicaBytes });
        for (var i = 0; i < silos; i++)
        {
            await AddSiloAsync(i);
        }

        await ConnectAsync();
    }

    private async Task StopSilosAsync()
    {
        await Home.DisposeAsync();
        await _keys.DisposeAsync();
        await _clientHost.StopAsync();
        await DisposeAsync(_clientHost);
        foreach (var (host, node) in _silos.AsEnumerable().Reverse())
        {
            _exchange.Leave(node.Name, node.HandOver);
            await StopAbruptlyAsync(host);
            await DisposeAsync(host);
        }

        _silos.Clear();
    }

    private async Task AddSiloAsync(int index)
    {
        var name = $"silo-{index}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(
                _ports[2 * index], _ports[2 * index + 1], new IPEndPoint(IPAddress.Loopback, _ports[0]), "tests",
                ClusterId);
            silo.Configure<SiloOptions>(options => options.SiloName = name);
            EngineSettings.Configure(silo);
            AddStorage(silo);
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(new CallWatch(name, _batchHomes));
            silo.AddSnapshotGrains(
                new CacheNodeOptions { Name = name, CacheBytes = _cacheBytes, LoadTimeout = _timeout },
                Center,
                Manifests,
                Home,
                services => new DerivationInputs(
                    PlaneOver(services.GetRequiredService<IGrainFactory>()).LeaseAsync, Keys.OpenAsync, Replicas));
        });
        var host = builder.Build();
        await host.StartAsync();
        var node = host.Services.GetRequiredService<CacheNode>();
        _exchange.Join(name, node.HandOver);
        _silos.Add((host, node));
    }

    private void AddStorage(ISiloBuilder silo)
    {
        if (Store is { } store)
        {
            silo.Services.AddGrainStorage<IGrainStorage>(StorageNames.Metadata, (_, _) => store);
        }
        else
        {
            silo.AddMemoryGrainStorage(StorageNames.Metadata);
        }
    }

    private string ClusterId => $"grains-{_ports[0]}";

    private async Task ConnectAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client.UseLocalhostClustering(
            [.. _ports.Where((_, i) => i % 2 == 1)], "tests", ClusterId));
        _clientHost = builder.Build();
        await _clientHost.StartAsync();
        Readers = new ReplicaReaders(PlaneOver(Grains), _timeout, TimeProvider.System);
        Home.Connect(
            Grains, Readers, async (key, ct) => new DataKey(key, await Keys.OpenAsync(key, ct)));
        var control = new GrainControlPlane(Grains, TimeProvider.System);
        _keys = new KeyRing(Keks.None, control.FindKeyAsync, TimeProvider.System);
        Client = new SnapshotGrainsClient(control, Readers, Home, _keys);
    }

    private static SnapshotMap MapOf(Manifest manifest) =>
        new(manifest.Map, ImageDescription.KeyOf(manifest.Key));

    private LocalDataPlane PlaneOver(IGrainFactory grains) => new(
        grains,
        _exchange,
        async (id, ct) => MapOf(await Manifests.GetCurrentAsync(id, ct)),
        new OriginNeed(),
        TimeProvider.System);
}
