using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Exports;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Access;
using SnapshotGrains.Silo.Events;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Http;
using SnapshotGrains.Silo.Segments;
using SnapshotGrains.Silo.Tls;

namespace SnapshotGrains.Silo;

/// <summary>How the parts are put together.</summary>
public sealed partial class SiloProcess
{
    private async Task StartPartsAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        for (var index = 0; index < Settings.Silos; index++)
        {
            var silo = await SiloNode.StartAsync(index, _shared, cancellationToken).ConfigureAwait(false);
            _silos = _silos.Add(silo);
        }

        _front = BuildFront(configuration);
        _front.MapSnapshotGrains();
        await _front.StartAsync(cancellationToken).ConfigureAwait(false);
        var address = _front.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        HttpAddress = new Uri(address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));

        Client = _front.Services.GetRequiredService<SnapshotGrainsClient>();
        _exports = _front.Services.GetRequiredService<OpenExports>();
        _shared.Roads.Connect(Client.Control);
        _shared.KeyLookup.Connect(_front.Services.GetRequiredService<IClusterClient>());
        _shared.Home.Connect(
            _front.Services.GetRequiredService<IClusterClient>(),
            _front.Services.GetRequiredService<ReplicaReaders>(),
            _shared.Keys.OpenAsync,
            _traces = _front.Services.GetService<DiskTraces>());
        _shared.Keys.Lost += OnKeyLost;
        var events = _front.Services.GetRequiredService<EventHub>();
        _shared.Home.DiskChanged += events.Publish;
        _events = new EventPump(
            events, Client.Control, TimeProvider.System, _shared.Logging.CreateLogger<EventPump>());
        _recovery = new DiskRecovery(
            _front.Services.GetRequiredService<IClusterClient>(),
            SiloNames,
            Settings.IsAlone,
            TimeProvider.System,
            _shared.Logging.CreateLogger<DiskRecovery>());
        WatchForCutOff();
        StartNbd();
        _shared.Address.Endpoints = EndpointsForOthers();
        WarnOfOpenPorts();
    }

    /// <summary>Who is alone is never cut off.</summary>
    private void WatchForCutOff() => _cutOff = Settings.IsAlone ? null : new CutOffWatch(
        _shared.Home,
        _front.Services.GetRequiredService<IClusterClient>(),
        [.. _silos.Select(silo => silo.Address)],
        TimeProvider.System,
        _shared.Logging.CreateLogger<CutOffWatch>());

    private NodeEndpoints EndpointsForOthers()
    {
        var http = Settings.Reachable(new IPEndPoint(Settings.Http.Address, HttpAddress.Port));
        var nbd = _nbd?.Endpoints.Select(endpoint =>
            UriOf(endpoint is IPEndPoint ip ? Settings.Reachable(ip) : endpoint)) ?? [];
        return new NodeEndpoints(new Uri($"{HttpAddress.Scheme}://{http}"), [.. nbd]);
    }

    /// <summary>The front is a client of this process's silos like any other: it outlives each of them.</summary>
    private WebApplication BuildFront(IConfiguration configuration)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "snapgrains" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.AddSingleton(_shared.Logging);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockPoolFactory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(Settings.Http, ListenForHttp);
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.UseOrleansClient(client =>
        {
            _shared.Cluster.Configure(client);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = _shared.CallTimeout);
            GrainEngine.Configure(client, Settings);
            GrainTls.Secure(client, _shared.Tls);
        });
        AddServices(builder.Services);
        return builder.Build();
    }

    /// <summary>A process that is alone need not ask who else is there.</summary>
    private ValueTask<IReadOnlyList<Uri>> OthersAsync(CancellationToken cancellationToken) =>
        Settings.IsAlone ? new([]) : _shared.Roads.GetOthersAsync(cancellationToken);

    private void ListenForHttp(ListenOptions listen)
    {
        if (_shared.Tls is { } tls)
        {
            listen.UseHttps(tls.Apply);
        }
    }

    private void AddServices(IServiceCollection services)
    {
        services.AddTokenAccess(_shared.Tokens);
        services.ConfigureHttpJsonOptions(options => ApiJson.Apply(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddSingleton(this);
        services.AddSingleton(_shared.Center);
        services.AddSingleton(_shared.Manifests);
        services.AddSingleton<OpenExports>();
        services.AddSingleton<ImportGate>();
        services.AddSingleton<EventHub>();
        services.AddSingleton(sp => new EventRelay(
            sp.GetRequiredService<EventHub>(), OthersAsync, _shared.Roads.ControlOf, TimeProvider.System,
            _shared.Logging.CreateLogger<EventRelay>()));
        services.AddSingleton<IControlPlane>(sp => new GrainControlPlane(
            sp.GetRequiredService<IClusterClient>(), TimeProvider.System));
        services.AddSingleton(_shared.Roads);
        services.AddSingleton(_shared.Roads.Nodes);
        services.AddSingleton(sp => _shared.LocatorOver(GrainsNear(sp)));
        services.AddSingleton(_shared.Need);
        services.AddSingleton<SegmentDesk>();
        services.AddSingleton<IDataPlane>(sp => _shared.PlaneOver(GrainsNear(sp)));
        services.AddSingleton(_shared.Home);
        services.AddSingleton<ITracePlane>(sp => (GrainControlPlane)sp.GetRequiredService<IControlPlane>());
        if (Settings.Traces)
        {
            services.AddSingleton(sp => new DiskTraces(
                sp.GetRequiredService<ITracePlane>(), TraceOptions.For(Settings.CacheBytes), TimeProvider.System));
        }

        services.AddSingleton(sp => new RemoteDiskPlane(
            sp.GetRequiredService<IControlPlane>(), sp.GetRequiredService<ReplicaReaders>(), _shared.Keys.OpenAsync,
            new RemoteDiskOptions
            {
                Host = $"silo-{_shared.Home.Process:n}",
                TlsCa = _shared.Tls?.Ca,
                TlsIdentity = _shared.Tls?.Identity,
            },
            sp.GetService<DiskTraces>()));
        services.AddSingleton<IDiskPlane>(sp => new DiskRouter(
            _shared.Home, sp.GetRequiredService<RemoteDiskPlane>(), sp.GetRequiredService<IControlPlane>(),
            Settings.IsAlone));
        services.AddSingleton(sp => new ReplicaReaders(
            sp.GetRequiredService<IDataPlane>(), Settings.ReadTimeout, TimeProvider.System,
            decryption: Settings.IsAlone ? null : _shared.Roads.DecryptionWith(_shared.Keys)));
        services.AddSingleton(_shared.Keys);
        services.AddSingleton<IKeyPlane>(sp => new KeyService(
            sp.GetRequiredService<IClusterClient>(), _shared.Keks, TimeProvider.System));
        services.AddSingleton<SnapshotGrainsClient>();
    }

    /// <summary>
    /// How segments are located: through a silo of this process, as long as one runs. The way through a gateway takes
    /// a tenth of a millisecond, and twice the work.
    /// </summary>
    private Func<IGrainFactory> GrainsNear(IServiceProvider services)
    {
        var client = services.GetRequiredService<IClusterClient>();
        return () => _silos.FirstOrDefault(silo => silo.IsRunning)?.Grains ?? client;
    }

    private void StartNbd()
    {
        if (Settings.Nbd is null && Settings.NbdSocket is null)
        {
            return;
        }

        List<EndPoint> endpoints = [];
        if (Settings.Nbd is not null)
        {
            endpoints.Add(Settings.Nbd);
        }

        if (Settings.NbdSocket is not null)
        {
            endpoints.Add(new UnixDomainSocketEndPoint(Settings.NbdSocket));
        }

        var log = _shared.Logging.CreateLogger<NbdServer>();
        _nbd = new NbdServer(
            new ExportProvider(Client, _front.Services.GetRequiredService<IDiskPlane>(), _exports),
            new NbdServerOptions
            {
                Endpoints = endpoints,
                Events = new NbdEventLog(log),
                TlsMode = SiloTls.ModeOf(Settings.NbdTls),
                Tls = _shared.Tls?.ForNbd(Settings.NbdTls),
            });
        _nbd.Start();
        NbdUris = [.. _nbd.Endpoints.Select(UriOf)];
    }

    private string UriOf(EndPoint endpoint) => Exports.NbdUris.Of(endpoint, Settings.NbdTls != NbdTlsPolicy.Off);
}
