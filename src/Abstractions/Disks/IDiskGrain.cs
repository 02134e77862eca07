using Orleans;

namespace SnapshotGrains;

/// <summary>
/// One disk: its lease, its state machine, its deletion. The bytes are the home's business; this grain says who may
/// touch them and what the disk is. Key: the disk's name.
/// </summary>
/// <remarks>Every call throws <see cref="SnapshotGrainsException"/> with <see cref="ErrorCode.NotFound"/> when there
/// is no such disk.</remarks>
[Alias("snapgrains.IDiskGrain")]
public interface IDiskGrain : IGrainWithStringKey
{
    /// <summary>What is recorded of the disk.</summary>
    [Alias("Describe")]
    Task<DiskInfo> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gives the home of this node the right to open the disk's overlay. While it has it open, the same lease is
    /// given again.
    /// </summary>
    /// <param name="intent">What for: decides the state that follows.</param>
    /// <param name="fenceEpoch">Fences the holder of this epoch: the lease that is given has a higher one; 0 fences
    /// nobody.</param>
    /// <param name="process">The process that asks, see <see cref="DiskLocation.Process"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: it is being deleted;
    /// <see cref="ErrorCode.SiloUnavailable"/>: another process keeps the disk, see <see cref="LocateAsync"/>.
    /// </exception>
    [Alias("Lease")]
    Task<DiskLease> LeaseAsync(
        DiskIntent intent, long fenceEpoch, Guid process, CancellationToken cancellationToken);

    /// <summary>Which process keeps the disk's own blocks now: whoever reads or writes them goes there.</summary>
    [Alias("Locate")]
    Task<DiskLocation> LocateAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Records who was let in for writing, before he writes. Whoever was is cut off and comes back learns from it
    /// whether somebody else wrote meanwhile.
    /// </summary>
    /// <param name="diskId">The disk, see <see cref="DiskInfo.Id"/>.</param>
    /// <param name="epoch">The epoch under which he was let in.</param>
    /// <param name="writer">Who; null for those who cannot come back.</param>
    /// <param name="isResumed">Whether he comes back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.Fenced"/>: another was let in under a later
    /// epoch, or he comes back and another wrote.</exception>
    [Alias("Claim")]
    Task ClaimAsync(
        Guid diskId, long epoch, string? writer, bool isResumed, CancellationToken cancellationToken);

    /// <summary>Starts, pauses or ends hydration.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: the disk's state does not allow
    /// it.</exception>
    [Alias("Control")]
    Task<DiskInfo> ControlAsync(HydrationCommand command, CancellationToken cancellationToken);

    /// <summary>How far hydration is.</summary>
    [Alias("GetHydration")]
    Task<HydrationProgress> GetHydrationAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes a snapshot of the disk as it is now, flushed, in the image center; guests go on writing meanwhile. The
    /// call starts the work or joins it, and returns how far it is: repeat it until it is done.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.AlreadyExists"/>: the name is taken; and what
    /// made the work fail.</exception>
    [Alias("Snapshot")]
    Task<DiskSnapshotProgress> SnapshotAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>Starts again, after a restart of its home, what the disk's state says: hydration or deletion.</summary>
    [Alias("Resume")]
    Task ResumeAsync(CancellationToken cancellationToken);

    /// <summary>The home reports that nothing of the parent is needed any more: the disk is ready.</summary>
    [Alias("Complete")]
    Task CompleteAsync(Guid diskId, CancellationToken cancellationToken);

    /// <summary>The home reports that hydration cannot go on.</summary>
    [Alias("Fail")]
    Task FailAsync(Guid diskId, string problem, CancellationToken cancellationToken);

    /// <summary>Changes the size of a disk that is not attached. Bytes added are zero; bytes cut off are gone.
    /// </summary>
    /// <param name="sizeBytes">The new size, a multiple of 4,096.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: it is attached;
    /// <see cref="ErrorCode.BadRequest"/>: not a size that a disk can have.</exception>
    [Alias("Resize")]
    Task<DiskInfo> ResizeAsync(long sizeBytes, CancellationToken cancellationToken);

    /// <summary>Deletes the disk and its overlay.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: it is attached.</exception>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken);
}
