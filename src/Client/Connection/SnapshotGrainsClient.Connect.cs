using Orleans;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <content>Connecting from another process: by HTTP alone, or with an Orleans client for the control calls.</content>
public sealed partial class SnapshotGrainsClient
{
    /// <summary>Stands for the cluster where no server of it was named.</summary>
    private static readonly Uri Cluster = new("http://snapgrains.invalid");

    /// <summary>
    /// Connects to a cluster over HTTP, by any of its nodes; nothing is sent until the first call. Bytes come straight
    /// from the silos that have them.
    /// </summary>
    /// <param name="server">A silo's address, as <c>http://host:8080</c>.</param>
    /// <param name="options">Cache budget and deadlines.</param>
    public static SnapshotGrainsClient Connect(Uri server, ClientOptions? options = null)
    {
        options ??= new ClientOptions();
        options.Validate();
        var servers = new ServerList([server, .. options.Fallbacks], options.Time);
        var http = HttpOver(servers, server, options);
        return Over(new HttpControlPlane(http, options.Time), http, servers, new NodeAddresses(server), options);
    }

    /// <summary>
    /// Connects by an Orleans client: control calls are grain calls. Bytes come straight from the silos, over HTTP as
    /// always; a grain call never carries them.
    /// </summary>
    /// <param name="cluster">The Orleans client, which stays the caller's.</param>
    /// <param name="options">Cache budget and deadlines.</param>
    public static SnapshotGrainsClient Connect(IClusterClient cluster, ClientOptions? options = null)
    {
        options ??= new ClientOptions();
        options.Validate();
        var servers = new ServerList(options.Fallbacks, options.Time);
        var http = HttpOver(servers, Cluster, options);
        return Over(new GrainControlPlane(cluster, options.Time), http, servers, new NodeAddresses(null), options);
    }

    /// <summary>What carries all requests, those for segments too.</summary>
    internal static HttpClient HttpOver(ServerList servers, Uri cluster, ClientOptions options)
    {
        var http = new HttpClient(new DeadlineHandler(
            options.RequestTimeout, options.Time,
            new FailoverHandler(servers, cluster, options.Time, ServerConnections.CreateRoad(options.TlsCa))))
        {
            BaseAddress = cluster,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.ShowToken(options.Token);
        return http;
    }

    private static SnapshotGrainsClient Over<TControl>(
        TControl control, HttpClient http, ServerList servers, NodeAddresses addresses, ClientOptions options)
        where TControl : IControlPlane, ITracePlane
    {
        var cache = new SegmentCache(
            new SegmentCacheOptions { BudgetBytes = options.CacheBytes, Populate = options.CachePopulate });
        var nodes = new NodeDirectory(
            async ct =>
            {
                var listed = addresses.Of(await control.ListNodesAsync(ct).ConfigureAwait(false));
                servers.Learn(listed);
                return listed;
            },
            options.Time);
        var segments = new RemoteSegments(http, nodes, cache, options.Time) { Disk = options.Disk };
        var keys = new KeyRing(options.Keks, control.FindKeyAsync, options.Time);
        var readers = new ReplicaReaders(
            new HttpDataPlane(http, nodes, segments), options.ReadTimeout, options.Time,
            decryption: new ReaderDecryption(cache, keys.OpenAsync, options.Time));
        var remote = new RemoteDiskOptions
        {
            Host = options.Name ?? NewName(),
            IoTimeout = options.IoTimeout,
            Addresses = addresses,
            TlsCa = options.TlsCa,
            TlsIdentity = options.TlsIdentity,
            Time = options.Time,
        };
        var traces = options.RecordsTraces
            ? new DiskTraces(control, TraceOptions.For(options.CacheBytes), options.Time) : null;
        var disks = new RemoteDiskPlane(control, readers, keys.OpenAsync, remote, traces);
        return new SnapshotGrainsClient(
            control, readers, disks, keys, DiskExportName.SharedHolder, options.Time, [http, cache], traces);
    }
}
