using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using SnapshotGrains.Client;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Hosting;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// One silo with its grains and an image center, which outlive the homes of disks that run one after another beside it.
/// </summary>
internal sealed class DiskSilo : IAsyncDisposable
{
    public const int SegmentSize = 64 << 10;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(20);

    private readonly TempDirectory _directory = TempDirectory.InMemory();
    private readonly SegmentExchange _exchange = new();
    private ManifestCache _manifests = null!;
    private IHost _host = null!;
    private IHost _client = null!;
    private CacheNode _cache = null!;

    private DiskSilo()
    {
    }

    public DirectoryImageCenter Center { get; private set; } = null!;

    public SwitchHome Home { get; } = new();

    /// <summary>The keys that the silo has.</summary>
    public TestKeys Keys { get; } = new();

    public GrainControlPlane Control { get; private set; } = null!;

    public IGrainFactory Grains => _client.Services.GetRequiredService<IClusterClient>();

    public static async Task<DiskSilo> StartAsync()
    {
        var silo = new DiskSilo();
        silo.Center = await DirectoryImageCenter.OpenAsync(
            Path.Combine(silo._directory.Path, "center"), CancellationToken.None);
        silo._manifests = new ManifestCache(silo.Center, TimeProvider.System);
        await silo.StartHostsAsync();
        silo.Control = new GrainControlPlane(silo.Grains, TimeProvider.System);
        return silo;
    }

    /// <summary>Imports bytes as an image and returns its name.</summary>
    public Task<SnapshotId> ImportAsync(string id, byte[] content) => Center.ImportAsync(id, content, SegmentSize);

    /// <summary>Makes a key that disks can be cloned under.</summary>
    public async Task<KeyRef> AddKeyAsync(string name, ISectorCipher cipher)
    {
        var key = Keys.Add(name, cipher);
        var now = TimeProvider.System.GetUtcNow();
        await Grains.GetGrain<IKeyCatalogGrain>(0).AddAsync(
            new KeyInfo(key, KeyState.Active, "0123456789abcdef", [1, 2, 3], now, now), CancellationToken.None);
        return key;
    }

    /// <summary>A road to segments for one home.</summary>
    public LocalDataPlane CreatePlane() => PlaneOver(Grains);

    public static ReplicaReaders CreateReaders(IDataPlane plane) => new(plane, ReadTimeout, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync();
        await ((IAsyncDisposable)_client).DisposeAsync();
        _exchange.Leave(_cache.Name, _cache.HandOver);
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        Center.Dispose();
        _directory.Dispose();
    }

    private LocalDataPlane PlaneOver(IGrainFactory grains) => new(
        grains,
        _exchange,
        async (id, ct) => MapOf(await _manifests.GetCurrentAsync(id, ct)),
        new OriginNeed(),
        TimeProvider.System);

    private static SnapshotMap MapOf(Manifest manifest) =>
        new(manifest.Map, ImageDescription.KeyOf(manifest.Key));

    private async Task StartHostsAsync()
    {
        var (silo, gateway) = (FreePorts.One(), FreePorts.One());
        var cluster = $"disks-{silo}-{gateway}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(orleans =>
        {
            orleans.UseLocalhostClustering(silo, gateway, new IPEndPoint(IPAddress.Loopback, silo), "tests", cluster);
            orleans.Configure<SiloOptions>(options => options.SiloName = "silo");
            orleans.AddMemoryGrainStorage(StorageNames.Metadata);
            var options = new CacheNodeOptions { Name = "silo", CacheBytes = 128L << 20, LoadTimeout = ReadTimeout };
            orleans.AddSnapshotGrains(
                options, Center, _manifests, Home,
                services => new DerivationInputs(
                    PlaneOver(services.GetRequiredService<IGrainFactory>()).LeaseAsync, Keys.OpenAsync));
        });
        _host = builder.Build();
        await _host.StartAsync();
        _cache = _host.Services.GetRequiredService<CacheNode>();
        _exchange.Join(_cache.Name, _cache.HandOver);
        var client = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        client.UseOrleansClient(orleans => orleans.UseLocalhostClustering([gateway], "tests", cluster));
        _client = client.Build();
        await _client.StartAsync();
    }
}
