namespace SnapshotGrains.Grains.Disks;

/// <content>Who may touch the disk's blocks, and where they are.</content>
internal sealed partial class DiskGrain
{
    public async Task<DiskLocation> LocateAsync(CancellationToken cancellationToken)
    {
        var disk = await FindUsableAsync(cancellationToken);
        CheckHome(disk);
        // Migrating asks the director: a call that comes while a plain deactivation ends may make the grain here again.
        if (await drain.ShouldMoveAsync() && await home.MoveAwayAsync(disk.Id, cancellationToken))
        {
            MigrateOnIdle();
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"Disk '{Name}' is moving to another node; try again.");
        }

        return new DiskLocation(node.Name, home.Process, node.Endpoints);
    }

    public async Task ClaimAsync(
        Guid diskId, long epoch, string? writer, bool isResumed, CancellationToken cancellationToken)
    {
        var disk = await FindUsableAsync(cancellationToken);
        if (IsLost(RecordOf(disk)))
        {
            // It is final for him, so it goes by what is stored: an activation that the cluster has lost track of, when
            // a node died, may remember an earlier writer.
            await lease.ReadStateAsync();
        }

        var record = RecordOf(disk);
        if (IsLost(record))
        {
            throw new SnapshotGrainsException(
                ErrorCode.Fenced,
                $"Disk '{Name}' was attached for writing by '{record.Writer ?? "another"}' since; attach it again.");
        }

        if (record.Writer != writer || record.WriterEpoch != epoch)
        {
            await WriteAsync(new DiskRecord
            {
                DiskId = diskId, Epoch = record.Epoch, Writer = writer, WriterEpoch = epoch,
            });
        }

        bool IsLost(DiskRecord known) => known.DiskId != diskId || epoch < known.WriterEpoch
            || (isResumed && known.Writer != writer);
    }

    /// <summary>
    /// The epoch is in storage before anybody uses it. A home that has the overlay open keeps its epoch; any other
    /// gets a new one, which fences whoever may still be there. The first use settles where the blocks are.
    /// </summary>
    private async Task<DiskLease> LeaseAsync(DiskInfo disk, long fenceEpoch, CancellationToken cancellationToken)
    {
        CheckHome(disk);
        if (disk.Home is null)
        {
            disk = disk with { Home = home.Directory };
            await RecordAsync(disk, cancellationToken);
        }

        var record = RecordOf(disk);
        if (record.Epoch > fenceEpoch && home.HoldsLease(disk.Id, record.Epoch))
        {
            return new DiskLease(disk, record.Epoch);
        }

        var next = new DiskRecord
        {
            DiskId = disk.Id, Epoch = record.Epoch + 1, Writer = record.Writer, WriterEpoch = record.WriterEpoch,
        };
        await WriteAsync(next);
        return new DiskLease(disk, next.Epoch);
    }

    /// <summary>Who was cut off does not know the disk any more as it is now.</summary>
    private Task ForgetWriterAsync(DiskInfo disk) => RecordOf(disk) is { Writer: not null } record
        ? WriteAsync(new DiskRecord { DiskId = disk.Id, Epoch = record.Epoch, WriterEpoch = record.WriterEpoch })
        : Task.CompletedTask;

    private DiskRecord RecordOf(DiskInfo disk) =>
        lease.State.DiskId == disk.Id ? lease.State : new DiskRecord { DiskId = disk.Id };

    private async Task WriteAsync(DiskRecord record)
    {
        var before = lease.State;
        lease.State = record;
        try
        {
            await lease.WriteStateAsync();
        }
        catch
        {
            lease.State = before;
            throw;
        }
    }

    /// <summary>An activation may be older than the choice of the disk's home, or than the home's process.</summary>
    private void CheckHome(DiskInfo disk)
    {
        if (disk.Home is { } directory && directory != home.Directory)
        {
            MigrateOnIdle();
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"Disk '{Name}' is moving to the node that has its blocks; try again.");
        }
    }

    private void CheckIsHere(Guid process)
    {
        if (process != home.Process)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"Disk '{Name}' is kept by node '{node.Name}', not here; try again.");
        }
    }
}
