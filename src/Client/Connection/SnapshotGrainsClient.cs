using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The root of the client library: one per host or application, thread-safe, long-lived. Everything that it opens
/// shares its segment cache and its connections.
/// </summary>
public sealed class SnapshotGrainsClient : IAsyncDisposable
{
    private readonly ReplicaReaders _readers;
    private readonly IDiskPlane _disks;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IDisposable> _owned;
    private readonly string _holder = $"client-{Guid.NewGuid():n}";

    /// <summary>A client over planes and a key ring that the caller made and keeps.</summary>
    public SnapshotGrainsClient(IControlPlane control, ReplicaReaders readers, IDiskPlane disks, KeyRing keys)
        : this(control, readers, disks, keys, TimeProvider.System, [])
    {
    }

    private SnapshotGrainsClient(
        IControlPlane control,
        ReplicaReaders readers,
        IDiskPlane disks,
        KeyRing keys,
        TimeProvider time,
        IReadOnlyList<IDisposable> owned)
    {
        _time = time;
        Control = control;
        Keys = keys;
        _readers = readers;
        _disks = disks;
        _owned = owned;
    }

    /// <summary>Images, disks and nodes.</summary>
    public IControlPlane Control { get; }

    /// <summary>The keys of encrypted disks that are in use here.</summary>
    public KeyRing Keys { get; }

    /// <summary>Connects to a silo in another process over HTTP; nothing is sent until the first call.</summary>
    /// <param name="server">The silo's address, as <c>http://host:8080</c> or <c>https://host:8080</c>.</param>
    /// <param name="options">Cache budget, deadlines, token and certificates.</param>
    public static SnapshotGrainsClient Connect(Uri server, ClientOptions? options = null)
    {
        options ??= new ClientOptions();
        options.Validate();
        var http = new HttpClient(new DeadlineHandler(
            options.RequestTimeout, options.Time, ServerConnections.CreateHandler(options.TlsCa)))
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.ShowToken(options.Token);
        var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = options.CacheBytes });
        var control = new HttpControlPlane(http, options.Time);
        var readers = new ReplicaReaders(new HttpDataPlane(http, cache), options.ReadTimeout, options.Time);
        var keys = new KeyRing(options.Keks, control.FindKeyAsync, options.Time);
        return new SnapshotGrainsClient(
            control, readers, new NbdDiskPlane(control, keys, options), keys, options.Time, [http, cache]);
    }

    /// <summary>Clones a snapshot to a new disk; if the same clone exists it is returned.</summary>
    /// <exception cref="SnapshotGrainsException">As <see cref="ISnapshotGrain.CloneAsync"/>.</exception>
    public async Task<DiskInfo> CloneAsync(
        SnapshotId snapshot,
        string disk,
        CloneOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var disks = await Control.CloneAsync(snapshot, [disk], options ?? new CloneOptions(), cancellationToken)
            .ConfigureAwait(false);
        return disks[0];
    }

    /// <summary>Attaches a disk; disposing it detaches.</summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="access">For reading, for writing, or for writing instead of whoever writes now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such disk;
    /// <see cref="ErrorCode.InUse"/>: somebody else writes to it.</exception>
    public async Task<VirtualDisk> OpenDiskAsync(
        string disk, DiskAccess access = DiskAccess.ReadWrite, CancellationToken cancellationToken = default) =>
        await _disks.AttachAsync(disk, access, _holder, cancellationToken).ConfigureAwait(false);

    /// <summary>Opens a snapshot as a read-only disk.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot;
    /// <see cref="ErrorCode.KeyUnavailable"/>: its key is not to be had here.</exception>
    public async Task<VirtualDisk> OpenSnapshotAsync(
        SnapshotId snapshot, CancellationToken cancellationToken = default)
    {
        var reader = await _readers.OpenAsync(new ReplicaId(snapshot), cancellationToken)
            .ConfigureAwait(false);
        var disk = new SnapshotDisk(reader);
        return reader.Key is not { } key ? disk : new CipherDisk(
            disk, await Keys.OpenAsync(key, cancellationToken).ConfigureAwait(false), new SectorGate(), disk.SizeBytes);
    }

    /// <summary>How far a disk's hydration is, again and again, until it is ready, failed or paused.</summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="interval">Pause between two looks; null: a second.</param>
    /// <param name="cancellationToken">Stops to look.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/> or <see cref="ErrorCode.InUse"/>: it
    /// is gone, or being deleted.</exception>
    public IAsyncEnumerable<HydrationProgress> WatchHydrationAsync(
        string disk, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        Control.WatchHydrationAsync(disk, interval ?? HydrationWatch.DefaultInterval, _time, cancellationToken);

    /// <summary>Which segments a snapshot has: its size, its zero segments and the digests of the others.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async Task<SegmentMap> GetSegmentMapAsync(
        SnapshotId snapshot, CancellationToken cancellationToken = default) =>
        (await _readers.OpenAsync(new ReplicaId(snapshot), cancellationToken).ConfigureAwait(false)).Map;

    /// <summary>Closes the connections, the cache and the key ring that this client opened itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_owned.Count > 0)
        {
            await Keys.DisposeAsync().ConfigureAwait(false); // it asks over the connections
        }

        foreach (var part in _owned)
        {
            part.Dispose();
        }
    }
}
