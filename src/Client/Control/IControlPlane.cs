namespace SnapshotGrains.Client;

/// <summary>What can be asked of the cluster besides bytes; over grain calls or over HTTP.</summary>
/// <remarks>Every call throws <see cref="SnapshotGrainsException"/> with the code of what failed.</remarks>
public interface IControlPlane
{
    /// <summary>All images, by name.</summary>
    Task<IReadOnlyList<ImageInfo>> ListImagesAsync(CancellationToken cancellationToken);

    /// <summary>One image, with the number of its disks.</summary>
    Task<ImageInfo> GetImageAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes an image: at once, or with <paramref name="isDeferred"/> when no disk needs it any more.
    /// </summary>
    /// <returns>How many disks the deletion waits for.</returns>
    Task<int> DeleteImageAsync(SnapshotId snapshot, bool isDeferred, CancellationToken cancellationToken);

    /// <summary>Clones a snapshot to new disks; equal disks that exist are left alone.</summary>
    Task<IReadOnlyList<DiskInfo>> CloneAsync(
        SnapshotId snapshot,
        IReadOnlyList<string> disks,
        CloneOptions options,
        CancellationToken cancellationToken);

    /// <summary>All disks, by name.</summary>
    Task<IReadOnlyList<DiskInfo>> ListDisksAsync(CancellationToken cancellationToken);

    /// <summary>One disk.</summary>
    Task<DiskInfo> GetDiskAsync(string disk, CancellationToken cancellationToken);

    /// <summary>Which process keeps a disk's own blocks now.</summary>
    Task<DiskLocation> LocateDiskAsync(string disk, CancellationToken cancellationToken);

    /// <summary>Deletes a disk that nobody has attached.</summary>
    Task DeleteDiskAsync(string disk, CancellationToken cancellationToken);

    /// <summary>Changes the size of a disk that nobody has attached, in bytes; a multiple of 4,096.</summary>
    Task<DiskInfo> ResizeDiskAsync(string disk, long sizeBytes, CancellationToken cancellationToken);

    /// <summary>How far a disk's hydration is.</summary>
    Task<HydrationProgress> GetHydrationAsync(string disk, CancellationToken cancellationToken);

    /// <summary>Starts, pauses, cancels or urges a disk's hydration.</summary>
    Task<DiskInfo> ControlHydrationAsync(
        string disk, HydrationCommand command, CancellationToken cancellationToken);

    /// <summary>Caps what hydration reads on each node, in bytes a second; null for no cap.</summary>
    Task SetHydrationLimitAsync(long? bytesPerSecond, CancellationToken cancellationToken);

    /// <summary>Starts to make a snapshot of a disk, or joins that work; repeat until it is done.</summary>
    Task<DiskSnapshotProgress> SnapshotDiskAsync(
        string disk, SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a batch clone, or joins or returns the one of this id; waits a moment for its end. May be repeated.
    /// </summary>
    Task<BatchClone> StartBatchCloneAsync(string id, BatchCloneSpec spec, CancellationToken cancellationToken);

    /// <summary>How far a batch clone is.</summary>
    Task<BatchClone> GetBatchCloneAsync(string id, CancellationToken cancellationToken);

    /// <summary>All batch clones that run, and those that ended last, newest first; without explicit names.</summary>
    Task<IReadOnlyList<BatchClone>> ListBatchClonesAsync(CancellationToken cancellationToken);

    /// <summary>What became of a batch clone's disks: at most <paramref name="max"/>, from the one with index
    /// <paramref name="first"/> on.</summary>
    Task<IReadOnlyList<BatchCloneResult>> ListBatchCloneResultsAsync(
        string id, int first, int max, CancellationToken cancellationToken);

    /// <summary>Stops a batch clone; the disks created until then stay.</summary>
    Task<BatchClone> CancelBatchCloneAsync(string id, CancellationToken cancellationToken);

    /// <summary>Says what a batch clone would do and cost; changes nothing.</summary>
    Task<BatchClonePlan> PlanBatchCloneAsync(BatchCloneSpec spec, CancellationToken cancellationToken);

    /// <summary>All data keys, wrapped, by name; <see cref="IKeyPlane"/> makes them.</summary>
    Task<IReadOnlyList<KeyInfo>> ListKeysAsync(CancellationToken cancellationToken);

    /// <summary>One key, wrapped; null when there is none of that name.</summary>
    Task<KeyInfo?> FindKeyAsync(string name, CancellationToken cancellationToken);

    /// <summary>From now on nothing is read or written under a key; that is for good.</summary>
    Task<KeyInfo> RevokeKeyAsync(string name, CancellationToken cancellationToken);

    /// <summary>Forgets a key that is revoked, or that no disk and no image is encrypted under.</summary>
    Task RemoveKeyAsync(string name, CancellationToken cancellationToken);

    /// <summary>All derived replicas that are recorded, by name; of one snapshot only, if given.</summary>
    Task<IReadOnlyList<ReplicaInfo>> ListReplicasAsync(SnapshotId? snapshot, CancellationToken cancellationToken);

    /// <summary>One derived replica, with how far its build is.</summary>
    Task<ReplicaInfo> GetReplicaAsync(ReplicaName replica, CancellationToken cancellationToken);

    /// <summary>
    /// Records a derived replica, or adds to what is recorded; starts or joins its build, if it is eager. May be
    /// repeated.
    /// </summary>
    Task<ReplicaInfo> CreateReplicaAsync(
        ReplicaName replica, ReplicaBuild build, bool keep, CancellationToken cancellationToken);

    /// <summary>Stops the build of a derived replica that no disk needs, and forgets it with all that is kept of it.
    /// </summary>
    Task DeleteReplicaAsync(ReplicaName replica, CancellationToken cancellationToken);

    /// <summary>The silos that answer.</summary>
    Task<IReadOnlyList<NodeInfo>> ListNodesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Lets a silo take nothing new, and hand over what it has; may be repeated. <see cref="NodeInfo.Drain"/> tells how
    /// far it is.
    /// </summary>
    Task<NodeInfo> DrainNodeAsync(string node, CancellationToken cancellationToken);

    /// <summary>Lets a silo that was drained be used again.</summary>
    Task<NodeInfo> ResumeNodeAsync(string node, CancellationToken cancellationToken);
}
