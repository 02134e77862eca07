using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Grains.Nodes;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Segments;

namespace SnapshotGrains.Grains.Disks;

/// <summary>
/// Keeps one disk's lease and state. What is recorded of the disk lives in the catalog, so that listings need no
/// activation; this grain is the only one that changes it. Not reentrant: one change of state at a time.
/// </summary>
/// <remarks>
/// Kept alive: its silo's process has the disk's files open, and locked, for as long as it likes. An activation
/// elsewhere would not know of that.
/// </remarks>
[DiskPlacement, KeepAlive]
internal sealed partial class DiskGrain(
    [PersistentState("lease", StorageNames.Metadata)] IPersistentState<DiskRecord> lease,
    IDiskHome home,
    CacheNode node,
    NodeDrain drain,
    IGrainFactory grains) : Grain, IDiskGrain
{
    private string Name => this.GetPrimaryKeyString();

    private IDiskCatalogGrain Catalog => grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(Name));

    public Task<DiskInfo> DescribeAsync(CancellationToken cancellationToken) => FindAsync(cancellationToken);

    public async Task<DiskLease> LeaseAsync(
        DiskIntent intent, long fenceEpoch, Guid process, CancellationToken cancellationToken)
    {
        CheckIsHere(process);
        var disk = await FindUsableAsync(cancellationToken);
        var lastEpoch = RecordOf(disk).Epoch;
        var given = await LeaseAsync(disk, fenceEpoch, cancellationToken);
        if (intent == DiskIntent.Read)
        {
            return given;
        }

        var isFirst = given.Disk.State == DiskState.Created;
        if (isFirst)
        {
            given = given with
            {
                Disk = await ChangeAsync(given.Disk with { State = DiskState.LazyLoading }, cancellationToken),
            };
        }

        // With a new epoch: whoever had the disk before is gone, and its hydration with him.
        if ((isFirst || given.Epoch > lastEpoch) && Hydrates(given.Disk))
        {
            home.StartHydration(given, given.Disk.Hydration == HydrationMode.Eager);
        }

        return given;
    }

    public async Task<DiskInfo> ControlAsync(HydrationCommand command, CancellationToken cancellationToken)
    {
        var disk = await FindUsableAsync(cancellationToken);
        if (disk.State == DiskState.Ready)
        {
            return disk;
        }

        if (command is HydrationCommand.Start or HydrationCommand.Flatten)
        {
            var mode = command == HydrationCommand.Flatten ? HydrationMode.Eager
                : disk.Hydration == HydrationMode.None ? HydrationMode.Background : disk.Hydration;
            return await StartAsync(disk with { Hydration = mode }, cancellationToken);
        }

        await home.StopHydrationAsync(disk.Id, cancellationToken);
        return await ChangeAsync(
            command == HydrationCommand.Pause
                ? disk with { State = DiskState.Paused, Problem = null }
                : disk with
                {
                    State = disk.State == DiskState.Created ? DiskState.Created : DiskState.LazyLoading,
                    Hydration = HydrationMode.None,
                    Problem = null,
                },
            cancellationToken);
    }

    public async Task<HydrationProgress> GetHydrationAsync(CancellationToken cancellationToken)
    {
        var disk = await FindUsableAsync(cancellationToken);

        // A disk that nobody used has no overlay to open: a look at it must not make one.
        return disk.State == DiskState.Created
            ? new HydrationProgress(
                Name, disk.State, disk.SizeBytes, 0, 0, 0, 0, 0, 0, disk.SizeBytes, disk.SizeBytes, 0, null, false)
            : await home.GetProgressAsync(await LeaseAsync(disk, fenceEpoch: 0, cancellationToken), cancellationToken);
    }

    public async Task<DiskSnapshotProgress> SnapshotAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var disk = await FindUsableAsync(cancellationToken);
        var given = await LeaseAsync(disk, fenceEpoch: 0, cancellationToken);
        return await home.SnapshotAsync(given, snapshot, cancellationToken);
    }

    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var disk = await FindAsync(cancellationToken);
        if (disk.State == DiskState.Deleting)
        {
            await EraseAsync(disk, cancellationToken);
        }
        else if ((disk.State, disk.Hydration) is (DiskState.LazyLoading, not HydrationMode.None)
            or (DiskState.Created, HydrationMode.Eager))
        {
            await StartAsync(disk, cancellationToken);
        }
    }

    public async Task CompleteAsync(Guid diskId, CancellationToken cancellationToken)
    {
        var disk = await FindAsync(cancellationToken);
        if (disk.Id != diskId || !disk.NeedsParent)
        {
            return;
        }

        await ChangeAsync(disk with { State = DiskState.Ready, Problem = null }, cancellationToken);
        await ReleaseParentAsync(disk, cancellationToken);
    }

    public async Task FailAsync(Guid diskId, string problem, CancellationToken cancellationToken)
    {
        var disk = await FindAsync(cancellationToken);
        if (disk.Id == diskId && disk.State == DiskState.LazyLoading)
        {
            await ChangeAsync(disk with { State = DiskState.Failed, Problem = problem }, cancellationToken);
        }
    }

    public async Task<DiskInfo> ResizeAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        var disk = await FindUsableAsync(cancellationToken);
        DiskSize.Check(sizeBytes, disk);
        CheckNotInUse(disk);
        await home.StopHydrationAsync(disk.Id, cancellationToken);
        var given = await LeaseAsync(disk, fenceEpoch: 0, cancellationToken);
        disk = given.Disk;
        await using (var resize = await home.ResizeAsync(given, sizeBytes, cancellationToken))
        {
            await ForgetWriterAsync(disk);
            var state = disk.State == DiskState.Created ? DiskState.LazyLoading : disk.State;
            disk = await ChangeAsync(disk with { SizeBytes = sizeBytes, State = state }, CancellationToken.None);
            resize.Keep();
        }

        await ResumeAsync(cancellationToken);
        return disk;
    }

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        var disk = await FindAsync(cancellationToken);
        CheckNotInUse(disk);
        if (disk.State != DiskState.Deleting)
        {
            disk = await ChangeAsync(disk with { State = DiskState.Deleting }, cancellationToken);
        }

        await EraseAsync(disk, cancellationToken);
    }

    private static bool Hydrates(DiskInfo disk) =>
        disk is { State: DiskState.LazyLoading, Hydration: not HydrationMode.None };

    private static SnapshotGrainsException NoSuchDisk(string name) =>
        new(ErrorCode.NotFound, $"There is no disk '{name}'; 'snapgrains disk ls' lists the disks.");

    private async Task<DiskInfo> StartAsync(DiskInfo disk, CancellationToken cancellationToken)
    {
        disk = await ChangeAsync(disk with { State = DiskState.LazyLoading, Problem = null }, cancellationToken);
        var given = await LeaseAsync(disk, fenceEpoch: 0, cancellationToken);
        home.StartHydration(given, disk.Hydration == HydrationMode.Eager);
        return given.Disk;
    }

    /// <summary>Files first: while the catalog still names the disk, a crash only means to do this again.</summary>
    private async Task EraseAsync(DiskInfo disk, CancellationToken cancellationToken)
    {
        await home.StopHydrationAsync(disk.Id, cancellationToken);
        await home.DeleteAsync(disk.Id, cancellationToken);
        await Catalog.RemoveAsync(disk.Name, disk.Id, cancellationToken);
        if (lease.RecordExists)
        {
            await lease.ClearStateAsync();
        }

        await ReleaseParentAsync(disk, cancellationToken);
        DeactivateOnIdle();
    }

    private Task ReleaseParentAsync(DiskInfo disk, CancellationToken cancellationToken) =>
        grains.GetGrain<ISnapshotGrain>(disk.Parent.ToString()).ReleaseAsync(cancellationToken);

    private void CheckNotInUse(DiskInfo disk)
    {
        if (home.IsInUse(disk.Id))
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Disk '{disk.Name}' is attached or being copied; detach it first.");
        }
    }

    private async Task<DiskInfo> FindAsync(CancellationToken cancellationToken) =>
        await Catalog.FindAsync(ResourceName.Check(Name, "disk"), cancellationToken) ?? throw NoSuchDisk(Name);

    private async Task<DiskInfo> FindUsableAsync(CancellationToken cancellationToken)
    {
        var disk = await FindAsync(cancellationToken);
        return disk.State != DiskState.Deleting
            ? disk
            : throw new SnapshotGrainsException(ErrorCode.InUse, $"Disk '{Name}' is being deleted.");
    }

    private async Task<DiskInfo> ChangeAsync(DiskInfo disk, CancellationToken cancellationToken)
    {
        await RecordAsync(disk, cancellationToken);
        home.Announce(disk);
        return disk;
    }

    private async Task RecordAsync(DiskInfo disk, CancellationToken cancellationToken)
    {
        if (!await Catalog.UpdateAsync(disk, cancellationToken))
        {
            throw NoSuchDisk(disk.Name);
        }
    }
}
