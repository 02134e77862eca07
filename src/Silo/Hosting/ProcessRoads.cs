using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tls;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// The roads from this process to silos in other ones. Guests and derivations have a cache each: a derivation holds
/// memory while it waits for what it is made of, and of a cache that both shared, two processes that read each other's
/// derived segments could keep each other waiting.
/// </summary>
internal sealed class ProcessRoads : IAsyncDisposable
{
    private readonly HttpMessageHandler _handler;
    private readonly HttpClient _http;
    private readonly AccessToken? _token;
    private readonly ProcessAddress _self;
    private readonly SegmentCache _ofReaders;
    private readonly SegmentCache _ofDerivation;
    private readonly RemoteSegments _copies;
    private IControlPlane? _control;

    /// <param name="cacheBytes">Budget of what guests of this process read from other ones, in bytes.</param>
    /// <param name="derivationBytes">Budget of what derivations read, likewise.</param>
    /// <param name="self">Where this process is reached.</param>
    /// <param name="token">What other silos ask for; null for nothing.</param>
    /// <param name="tls">Whom this process trusts; null for whom the system does.</param>
    public ProcessRoads(
        long cacheBytes, long derivationBytes, ProcessAddress self, AccessToken? token, SiloTls? tls)
    {
        (_self, _token) = (self, token);
        _handler = ServerConnections.CreateRoad(tls?.Ca);
        _http = Connect(server: null);
        _ofReaders = CacheOf(cacheBytes);
        _ofDerivation = CacheOf(derivationBytes);
        Nodes = new NodeDirectory(ListAsync, TimeProvider.System);
        _copies = Over(_ofReaders);
        OfReaders = RoadOver(_ofReaders, self);
        OfDerivation = RoadOver(_ofDerivation, self);
    }

    /// <summary>All silos of the cluster.</summary>
    public NodeDirectory Nodes { get; }

    /// <summary>What guests of this process take.</summary>
    public ClusterRoad OfReaders { get; }

    /// <summary>What derivations of this process take.</summary>
    public ClusterRoad OfDerivation { get; }

    /// <summary>Decrypts what guests of this process take.</summary>
    public ReaderDecryption DecryptionWith(KeyRing keys) => new(_ofReaders, keys.OpenAsync, TimeProvider.System);

    /// <summary>Fetches a segment from the silo that is known to have it.</summary>
    public ValueTask CopyAsync(
        SegmentKey key, SegmentLocation from, Memory<byte> destination, CancellationToken cancellationToken) =>
        _copies.FetchAsync(key, from, destination, FetchUrgency.Demand, cancellationToken);

    /// <summary>
    /// Leases a copy of a segment that many want, from what guests of this process read from other ones.
    /// </summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public ValueTask<SegmentBuffer> LeaseCopyAsync(
        SegmentKey key, Digest digest, int lengthBytes, string owner, CancellationToken cancellationToken) =>
        _copies.LeaseCopyAsync(key, digest, lengthBytes, owner, cancellationToken);

    /// <summary>HTTP addresses of the other processes of the cluster.</summary>
    /// <exception cref="SnapshotGrainsException">Nobody knows them at the moment.</exception>
    public async ValueTask<IReadOnlyList<Uri>> GetOthersAsync(CancellationToken cancellationToken) =>
    [
        .. (await Nodes.GetProcessesAsync(cancellationToken).ConfigureAwait(false))
            .Where(process => process != _self.Endpoints?.Http),
    ];

    /// <summary>What another process answers to.</summary>
    public HttpControlPlane ControlOf(Uri process) => new(Connect(process));

    /// <summary>From now on there is somebody to ask for the silos.</summary>
    public void Connect(IControlPlane control) => Volatile.Write(ref _control, control);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _handler.Dispose();
        await _ofReaders.DisposeAsync().ConfigureAwait(false);
        await _ofDerivation.DisposeAsync().ConfigureAwait(false);
    }

    private HttpClient Connect(Uri? server)
    {
        var http = new HttpClient(_handler, disposeHandler: false)
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan, // each read has its own deadline
        };
        http.ShowToken(_token);
        return http;
    }

    private static SegmentCache CacheOf(long bytes) => new(new SegmentCacheOptions { BudgetBytes = bytes });

    private ClusterRoad RoadOver(SegmentCache cache, ProcessAddress self) => new(
        Nodes, Over(cache), () => self.Endpoints);

    private RemoteSegments Over(SegmentCache cache) => new(_http, Nodes, cache, TimeProvider.System, isSilo: true);

    private Task<IReadOnlyList<NodeInfo>> ListAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _control)?.ListNodesAsync(cancellationToken) ?? throw new SnapshotGrainsException(
            ErrorCode.SiloUnavailable, "The silos are still starting; try again in a moment.");
}
