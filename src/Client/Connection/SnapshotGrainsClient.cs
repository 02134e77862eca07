using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The root of the client library: one per host or application, thread-safe, long-lived. Everything that it opens
/// shares its segment cache and its connections.
/// </summary>
public sealed class SnapshotGrainsClient : IAsyncDisposable
{
    private readonly ConcurrentDictionary<SnapshotId, SnapshotReader> _readers = new();
    private readonly IDataPlane _data;
    private readonly ClientOptions _options;
    private readonly IReadOnlyList<IDisposable> _owned;

    /// <summary>A client over planes that the caller made and keeps.</summary>
    public SnapshotGrainsClient(IControlPlane control, IDataPlane data, ClientOptions? options = null)
        : this(control, data, options ?? new ClientOptions(), [])
    {
    }

    private SnapshotGrainsClient(
        IControlPlane control, IDataPlane data, ClientOptions options, IReadOnlyList<IDisposable> owned)
    {
        options.Validate();
        Control = control;
        _data = data;
        _options = options;
        _owned = owned;
    }

    /// <summary>Images, disks and nodes.</summary>
    public IControlPlane Control { get; }

    /// <summary>Connects to a silo in another process over HTTP; nothing is sent until the first call.</summary>
    /// <param name="server">The silo's address, as <c>http://host:8080</c>.</param>
    /// <param name="options">Cache budget and deadlines.</param>
    public static SnapshotGrainsClient Connect(Uri server, ClientOptions? options = null)
    {
        options ??= new ClientOptions();
        var http = new HttpClient(new DeadlineHandler(options.RequestTimeout, options.Time))
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = options.CacheBytes });
        return new SnapshotGrainsClient(
            new HttpControlPlane(http), new HttpDataPlane(http, cache), options, [http, cache]);
    }

    /// <summary>Clones a snapshot to a new disk; if the same clone exists it is returned.</summary>
    /// <exception cref="SnapshotGrainsException">As <see cref="ISnapshotGrain.CloneAsync"/>.</exception>
    public async Task<DiskInfo> CloneAsync(
        SnapshotId snapshot,
        string disk,
        HydrationMode hydration = HydrationMode.Background,
        CancellationToken cancellationToken = default)
    {
        var disks = await Control.CloneAsync(snapshot, [disk], hydration, cancellationToken).ConfigureAwait(false);
        return disks[0];
    }

    /// <summary>Opens a disk for reading.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such disk.</exception>
    public async Task<VirtualDisk> OpenDiskAsync(string disk, CancellationToken cancellationToken = default)
    {
        var info = await Control.GetDiskAsync(disk, cancellationToken).ConfigureAwait(false);
        var reader = await ReaderOfAsync(info.Parent, cancellationToken).ConfigureAwait(false);
        return new VirtualDisk(info.Name, reader);
    }

    /// <summary>Opens a snapshot as a read-only disk.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async Task<VirtualDisk> OpenSnapshotAsync(
        SnapshotId snapshot, CancellationToken cancellationToken = default)
    {
        var reader = await ReaderOfAsync(snapshot, cancellationToken).ConfigureAwait(false);
        return new VirtualDisk(snapshot.ToString(), reader);
    }

    /// <summary>Closes the connections and the cache that this client opened itself.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (var part in _owned)
        {
            part.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask<SnapshotReader> ReaderOfAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        // The name may have been deleted and imported anew since it was opened last: then its readers part ways.
        var map = await _data.GetSegmentMapAsync(id, cancellationToken).ConfigureAwait(false);
        return _readers.AddOrUpdate(
            id,
            _ => new SnapshotReader(id, map, _data, _options.ReadTimeout, _options.Time),
            (_, known) => known.Map.ContentEquals(map)
                ? known
                : new SnapshotReader(id, map, _data, _options.ReadTimeout, _options.Time));
    }
}
