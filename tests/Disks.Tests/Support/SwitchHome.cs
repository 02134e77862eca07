using SnapshotGrains.Grains.Disks;

namespace SnapshotGrains.Disks.Tests;

/// <summary>The home that the grains know: whichever runs now. Homes may die and start under one silo.</summary>
internal sealed class SwitchHome : IDiskHome
{
    private DiskHome? _current;

    public DiskHome Current
    {
        get => Volatile.Read(ref _current)
            ?? throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "No home is running.");
        set => Volatile.Write(ref _current, value);
    }

    public Guid Directory => DiskNode.Directory;

    public Guid Process => Current.Process;

    public long? HydrationLimit
    {
        get => Current.HydrationLimit;
        set => Current.HydrationLimit = value;
    }

    public bool HoldsLease(Guid diskId, long epoch) => Current.HoldsLease(diskId, epoch);

    public void StartHydration(DiskLease lease, bool isUrgent) => Current.StartHydration(lease, isUrgent);

    public Task StopHydrationAsync(Guid diskId, CancellationToken cancellationToken) =>
        Current.StopHydrationAsync(diskId, cancellationToken);

    public Task<HydrationProgress> GetProgressAsync(DiskLease lease, CancellationToken cancellationToken) =>
        Current.GetProgressAsync(lease, cancellationToken);

    public Task<DiskSnapshotProgress> SnapshotAsync(
        DiskLease lease, SnapshotId snapshot, CancellationToken cancellationToken) =>
        Current.SnapshotAsync(lease, snapshot, cancellationToken);

    public Task<IDiskResize> ResizeAsync(DiskLease lease, long sizeBytes, CancellationToken cancellationToken) =>
        Current.ResizeAsync(lease, sizeBytes, cancellationToken);

    public bool IsInUse(Guid diskId) => Current.IsInUse(diskId);

    public Task DeleteAsync(Guid diskId, CancellationToken cancellationToken) =>
        Current.DeleteAsync(diskId, cancellationToken);

    public void Announce(DiskInfo disk) => Current.Announce(disk);

    public IReadOnlyCollection<DiskInfo> Disks => Current.Disks;

    public Task<bool> MoveAwayAsync(Guid diskId, CancellationToken cancellationToken) =>
        Current.MoveAwayAsync(diskId, cancellationToken);

    public Task LetGoAsync(Guid diskId, long epoch, DiskClaim claim, CancellationToken cancellationToken) =>
        Current.LetGoAsync(diskId, epoch, claim, cancellationToken);
}
