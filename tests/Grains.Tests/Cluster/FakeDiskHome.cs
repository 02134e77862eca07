using System.Collections.Concurrent;
using SnapshotGrains.Grains.Disks;

namespace SnapshotGrains.Grains.Tests;

/// <summary>A home without files: it records what it is asked.</summary>
internal sealed class FakeDiskHome : IDiskHome
{
    private readonly ConcurrentDictionary<Guid, long> _open = new();

    /// <summary>What was asked, in order: the member's name and the disk.</summary>
    public ConcurrentQueue<(string Call, Guid Disk)> Calls { get; } = new();

    /// <summary>Disks that somebody has attached.</summary>
    public ConcurrentDictionary<Guid, bool> InUse { get; } = new();

    public long? HydrationLimit { get; set; }

    public bool IsOpen(Guid diskId, long epoch) => _open.TryGetValue(diskId, out var open) && open == epoch;

    public void StartHydration(DiskLease lease, bool isUrgent)
    {
        Open(lease);
        Record(nameof(StartHydration), lease.Disk.Id);
    }

    public Task StopHydrationAsync(Guid diskId, CancellationToken cancellationToken) =>
        RecordAsync(nameof(StopHydrationAsync), diskId);

    public Task<HydrationProgress> GetProgressAsync(DiskLease lease, CancellationToken cancellationToken)
    {
        Open(lease);
        var disk = lease.Disk;
        return Task.FromResult(new HydrationProgress(
            disk.Name, disk.State, disk.SizeBytes, 0, 0, 0, 0, 0, 0, disk.SizeBytes, disk.SizeBytes, 0, null, false));
    }

    public Task<DiskSnapshotProgress> SnapshotAsync(
        DiskLease lease, SnapshotId snapshot, CancellationToken cancellationToken)
    {
        Open(lease);
        Record(nameof(SnapshotAsync), lease.Disk.Id);
        return Task.FromResult(new DiskSnapshotProgress(
            lease.Disk.Name, snapshot, 0, lease.Disk.SizeBytes, 0, Image: null));
    }

    public Task ResizeAsync(DiskLease lease, long sizeBytes, CancellationToken cancellationToken) =>
        RecordAsync(nameof(ResizeAsync), lease.Disk.Id);

    public bool IsInUse(Guid diskId) => InUse.ContainsKey(diskId);

    public Task DeleteAsync(Guid diskId, CancellationToken cancellationToken)
    {
        _open.TryRemove(diskId, out _);
        return RecordAsync(nameof(DeleteAsync), diskId);
    }

    public void Announce(DiskInfo disk) => Record(nameof(Announce), disk.Id);

    private void Open(DiskLease lease) => _open[lease.Disk.Id] = lease.Epoch;

    private void Record(string call, Guid disk) => Calls.Enqueue((call, disk));

    private Task RecordAsync(string call, Guid disk)
    {
        Record(call, disk);
        return Task.CompletedTask;
    }
}
