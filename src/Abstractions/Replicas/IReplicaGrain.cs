using Orleans;

namespace SnapshotGrains;

/// <summary>
/// One derived replica: creates, builds, verifies and removes it. Key: <see cref="ReplicaId"/>. Calls other than
/// <see cref="CreateAsync"/> and <see cref="BuildAsync"/> throw <see cref="SnapshotGrainsException"/> with
/// <see cref="ErrorCode.NotFound"/> when it is not recorded.
/// </summary>
[Alias("snapgrains.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Records the replica, or adds to what is recorded; starts or joins its build, if it is eager.</summary>
    /// <param name="build">When its segments are made; eager ones are kept.</param>
    /// <param name="keep">Whether its segments are kept on disk.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot;
    /// <see cref="ErrorCode.BadRequest"/>: the stripe format is impossible, or it is what the image center feeds;
    /// <see cref="ErrorCode.InUse"/>: the snapshot is being deleted; <see cref="ErrorCode.KeyUnavailable"/>;
    /// <see cref="ErrorCode.NoSpace"/>: nothing is kept here, or too many replicas are recorded.</exception>
    [Alias("Create")]
    Task<ReplicaInfo> CreateAsync(ReplicaBuild build, bool keep, CancellationToken cancellationToken);

    /// <summary>
    /// Makes all segments, keeps and verifies them: starts or joins that work, which goes on by itself. Does nothing to
    /// a replica that is ready and all there.
    /// </summary>
    /// <exception cref="SnapshotGrainsException">As <see cref="CreateAsync"/>.</exception>
    [Alias("Build")]
    Task<ReplicaInfo> BuildAsync(CancellationToken cancellationToken);

    /// <summary>What it is and how far.</summary>
    [Alias("Describe")]
    Task<ReplicaInfo> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Makes its build go on if it was interrupted, without waiting for it.</summary>
    /// <returns>Whether it runs.</returns>
    [Alias("Resume")]
    Task<bool> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Stops its build and forgets it, with all that is kept of it.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: disks that are cloned from it need it.
    /// </exception>
    [Alias("Remove")]
    Task RemoveAsync(CancellationToken cancellationToken);

    /// <summary>Stops its build, because its record is gone.</summary>
    [Alias("Stop")]
    Task StopAsync();
}
