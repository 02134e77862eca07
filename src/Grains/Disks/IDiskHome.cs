namespace SnapshotGrains.Grains.Disks;

/// <summary>
/// What a disk's grain asks of the node that keeps the disk's overlay; the silos of a process share one home.
/// Implemented outside the grains, because it holds files and reads segments.
/// </summary>
public interface IDiskHome
{
    /// <summary>Names the directory that has the blocks: the same for all processes that share it.</summary>
    Guid Directory { get; }

    /// <summary>Names this home among those that share the directory; another one after each start.</summary>
    Guid Process { get; }

    /// <summary>Whether the overlay is open and sound here, under this epoch or one that it did not fence.</summary>
    bool HoldsLease(Guid diskId, long epoch);

    /// <summary>Starts to hydrate in the background, or moves what is queued already.</summary>
    /// <param name="lease">The disk, and the right to open it.</param>
    /// <param name="isUrgent">Whether it comes before the disks that are not.</param>
    void StartHydration(DiskLease lease, bool isUrgent);

    /// <summary>
    /// Stops to hydrate; what was copied is durable when it completes. A copy that is under way may end a moment later,
    /// which the home knows when it resizes or deletes.
    /// </summary>
    Task StopHydrationAsync(Guid diskId, CancellationToken cancellationToken);

    /// <summary>How far hydration is; opens the overlay for a look if it is not open.</summary>
    Task<HydrationProgress> GetProgressAsync(DiskLease lease, CancellationToken cancellationToken);

    /// <summary>Most bytes a second that hydration reads on this node; null: no limit.</summary>
    long? HydrationLimit { get; set; }

    /// <summary>Starts to make a snapshot in the image center, or joins that work; returns how far it is.</summary>
    Task<DiskSnapshotProgress> SnapshotAsync(
        DiskLease lease, SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>Changes the size of a disk that nobody has attached; whoever calls it records it.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: somebody has.</exception>
    Task<IDiskResize> ResizeAsync(DiskLease lease, long sizeBytes, CancellationToken cancellationToken);

    /// <summary>Whether somebody has the disk attached, or copies it; hydration does not count.</summary>
    bool IsInUse(Guid diskId);

    /// <summary>Deletes the disk's overlay, if it has one. Nothing can open it any more.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: somebody has it attached.</exception>
    Task DeleteAsync(Guid diskId, CancellationToken cancellationToken);

    /// <summary>Disks whose overlay is open here, or is to be opened to hydrate.</summary>
    IReadOnlyCollection<DiskInfo> Disks { get; }

    /// <summary>
    /// Closes a disk, made durable, so that another process of the same directory can keep it; who has its stored form
    /// attached is sent away and finds it there.
    /// </summary>
    /// <returns>False when it stays: somebody has it attached who could not follow, or copies it.</returns>
    Task<bool> MoveAwayAsync(Guid diskId, CancellationToken cancellationToken);

    /// <summary>
    /// Closes a disk that is open here under an older lease than another process has, unless somebody has it attached
    /// from whom it is not claimed, or copies it.
    /// </summary>
    /// <param name="diskId">The disk.</param>
    /// <param name="epoch">The newer lease's.</param>
    /// <param name="claim">For whom it is wanted there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task LetGoAsync(Guid diskId, long epoch, DiskClaim claim, CancellationToken cancellationToken);

    /// <summary>Tells whoever watches that a disk has changed.</summary>
    void Announce(DiskInfo disk);
}
