using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The root of the client library: one per host or application, thread-safe, long-lived. Everything that it opens
/// shares its segment cache and its connections.
/// </summary>
public sealed partial class SnapshotGrainsClient : IAsyncDisposable
{
    private readonly ReplicaReaders _readers;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IDisposable> _owned;
    private readonly string _holder;

    /// <summary>A client over planes and a key ring that the caller made and keeps.</summary>
    public SnapshotGrainsClient(
        IControlPlane control, ReplicaReaders readers, IDiskPlane disks, KeyRing keys, DiskTraces? traces = null)
        : this(control, readers, disks, keys, NewName(), TimeProvider.System, [], traces)
    {
    }

    private SnapshotGrainsClient(
        IControlPlane control,
        ReplicaReaders readers,
        IDiskPlane disks,
        KeyRing keys,
        string holder,
        TimeProvider time,
        IReadOnlyList<IDisposable> owned,
        DiskTraces? traces = null)
    {
        _time = time;
        _holder = holder;
        Control = control;
        Keys = keys;
        _readers = readers;
        Disks = disks;
        _owned = owned;
        Traces = traces;
    }

    /// <summary>Images, disks and nodes.</summary>
    public IControlPlane Control { get; }

    /// <summary>The road to disks, for whoever attaches them in another way than <see cref="OpenDiskAsync"/>.</summary>
    public IDiskPlane Disks { get; }

    /// <summary>
    /// What is recorded and replayed of the guests of disks that this client attaches; null where that is not done.
    /// </summary>
    public DiskTraces? Traces { get; }

    /// <summary>The keys of encrypted disks that are in use here.</summary>
    public KeyRing Keys { get; }

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
        await Disks.AttachAsync(new DiskExportName(disk, access, _holder), cancellationToken).ConfigureAwait(false);

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
            await (Traces?.DisposeAsync() ?? default).ConfigureAwait(false);
            await Keys.DisposeAsync().ConfigureAwait(false); // it asks over the connections
        }

        foreach (var part in _owned)
        {
            part.Dispose();
        }
    }

    private static string NewName() => $"client-{Guid.NewGuid():n}";
}
