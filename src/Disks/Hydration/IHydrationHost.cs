namespace SnapshotGrains.Disks;

/// <summary>What the scheduler needs of the disks' home.</summary>
internal interface IHydrationHost
{
    /// <summary>A lease that is good now, when the one at hand was fenced.</summary>
    Task<DiskLease> RenewAsync(string disk, CancellationToken cancellationToken);

    /// <summary>Opens a disk; give it back with <see cref="ReleaseAsync"/>.</summary>
    Task<OpenDisk> AcquireAsync(DiskLease lease, CancellationToken cancellationToken);

    ValueTask ReleaseAsync(OpenDisk disk);

    /// <summary>Nothing of the parent is needed any more, and that is durable.</summary>
    void Completed(DiskInfo disk);

    /// <summary>It cannot go on.</summary>
    void Failed(DiskInfo disk, string problem);
}
