using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using SnapshotGrains.Client;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>
/// Where a process keeps its disks' own blocks: which overlays are open and who uses them. The disks' grains say who
/// may; this does it. Thread-safe.
/// </summary>
public sealed partial class DiskHome : IDiskHome, IAsyncDisposable
{
    /// <summary>Overlays that stay open without a user, so that a client that comes back finds them so.</summary>
    private const int MaxIdle = 64;

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly OverlayDirectory _overlays;
    private readonly HydrationScheduler _hydration;
    private readonly DiskSnapshots _snapshots;
    private readonly DiskReports _reports = new();
    private readonly GuestActivity _guests = new();
    private readonly DeletedDisks _deleted = new();
    private readonly ConcurrentDictionary<Guid, OpenDisk> _open = new();
    private readonly DiskTurns _turns = new();
    private readonly Lock _gate = new();
    private IGrainFactory? _grains;
    private ReplicaReaders? _readers;
    private DiskTraces? _traces;
    private Func<KeyRef, CancellationToken, ValueTask<DataKey>>? _openKey;
    private int _isDisposed;

    /// <summary>A home in a directory of its own.</summary>
    /// <param name="directory">Names the directory for all processes that share it.</param>
    /// <param name="overlays">The directory.</param>
    /// <param name="center">Where snapshots of disks go.</param>
    /// <param name="options">How hydration behaves.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where events go.</param>
    public DiskHome(
        Guid directory,
        OverlayDirectory overlays,
        IImageCenter center,
        HydrationOptions options,
        TimeProvider time,
        ILogger<DiskHome> log)
    {
        (Directory, _overlays, _time, _log) = (directory, overlays, time, log);
        _hydration = new HydrationScheduler(new HydrationHost(this), options, _guests, time, log);
        _snapshots = new DiskSnapshots(center, AcquireAsync, ReleaseAsync);
    }

    /// <summary>Raised, on any thread, when a disk's record has changed.</summary>
    public event Action<DiskInfo>? DiskChanged;

    /// <inheritdoc />
    public Guid Directory { get; }

    /// <inheritdoc />
    public Guid Process { get; } = Guid.NewGuid();

    /// <inheritdoc />
    public long? HydrationLimit
    {
        get => _hydration.BytesPerSecond;
        set => _hydration.BytesPerSecond = value;
    }

    private IGrainFactory Grains => _grains ?? throw NotConnected();

    private ReplicaReaders Readers => _readers ?? throw NotConnected();

    /// <summary>
    /// Tells the home how to reach the cluster: disks are leased by its grains, and parents read through its caches.
    /// </summary>
    /// <param name="grains">Where the grains are.</param>
    /// <param name="readers">Where parents are.</param>
    /// <param name="openKey">Gives data keys, or throws <see cref="ErrorCode.KeyUnavailable"/>.</param>
    /// <param name="traces">Records and replays what guests touch; null where that is not done.</param>
    public void Connect(
        IGrainFactory grains,
        ReplicaReaders readers,
        Func<KeyRef, CancellationToken, ValueTask<DataKey>> openKey,
        DiskTraces? traces = null) =>
        (_grains, _readers, _openKey, _traces) = (grains, readers, openKey, traces);

    /// <inheritdoc />
    public bool HoldsLease(Guid diskId, long epoch) =>
        _open.TryGetValue(diskId, out var open) && open.Epoch <= epoch && !open.Overlay.HasFailed;

    /// <inheritdoc />
    public bool IsInUse(Guid diskId) => _open.TryGetValue(diskId, out var open)
        && (open.Attachments > 0 || _snapshots.IsCopying(diskId));

    /// <inheritdoc />
    public void StartHydration(DiskLease lease, bool isUrgent) => _hydration.Start(lease, isUrgent);

    /// <inheritdoc />
    public Task StopHydrationAsync(Guid diskId, CancellationToken cancellationToken) =>
        _hydration.StopAsync(diskId, cancellationToken);

    /// <inheritdoc />
    public async Task<HydrationProgress> GetProgressAsync(DiskLease lease, CancellationToken cancellationToken)
    {
        var disk = await AcquireAsync(lease, cancellationToken).ConfigureAwait(false);
        try
        {
            var parent = disk.Overlay.IsComplete
                ? null : await disk.Parent.OpenAsync(cancellationToken).ConfigureAwait(false);
            return ProgressOf.Disk(disk, parent?.Map, _hydration.Find(disk.Id));
        }
        finally
        {
            await ReleaseAsync(disk).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public Task<DiskSnapshotProgress> SnapshotAsync(
        DiskLease lease, SnapshotId snapshot, CancellationToken cancellationToken) =>
        _snapshots.StartOrJoinAsync(lease, snapshot, cancellationToken);

    /// <inheritdoc />
    public async Task DeleteAsync(Guid diskId, CancellationToken cancellationToken)
    {
        using var turn = await _turns.EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        if (_open.TryGetValue(diskId, out var disk))
        {
            RefuseIfInUse(disk);
            _open.TryRemove(diskId, out _);
            await CloseAsync(disk).ConfigureAwait(false);
        }

        _deleted.Add(diskId);
        try
        {
            await _overlays.DeleteAsync(diskId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate($"{diskId}", error);
        }
    }

    /// <inheritdoc />
    public void Announce(DiskInfo disk)
    {
        if (_open.TryGetValue(disk.Id, out var open))
        {
            open.Info = disk;
        }

        DiskChanged?.Invoke(disk);
    }

    /// <summary>Ends hydration and copies, makes everything durable and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _snapshots.DisposeAsync().ConfigureAwait(false);
        await _hydration.DisposeAsync().ConfigureAwait(false);
        foreach (var disk in _open.Values)
        {
            await CloseAsync(disk).ConfigureAwait(false);
        }

        await _reports.DisposeAsync().ConfigureAwait(false);
        await _overlays.DisposeAsync().ConfigureAwait(false);
    }

    private static SnapshotGrainsException NotConnected() =>
        new(ErrorCode.SiloUnavailable, "The server is still starting; try again in a moment.");

    private void RefuseIfInUse(OpenDisk disk)
    {
        if (IsInUse(disk.Id))
        {
            throw InUse(disk);
        }
    }

    private static SnapshotGrainsException InUse(OpenDisk disk) =>
        new(ErrorCode.InUse, $"Disk '{disk.Name}' is attached or being copied; detach it first.");
}
