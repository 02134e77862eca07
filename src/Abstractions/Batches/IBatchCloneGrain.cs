using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// One batch clone: many disks of one snapshot, created exactly once each, whatever crashes. Key: the operation's id,
/// of <see cref="ResourceName"/>'s form. Every call but <see cref="PlanAsync"/> makes an operation go on that was
/// interrupted.
/// </summary>
/// <remarks>Calls throw <see cref="SnapshotGrainsException"/> with <see cref="ErrorCode.NotFound"/> when no such
/// operation was started, or it ended so long ago that it is forgotten.</remarks>
[Alias("snapgrains.IBatchCloneGrain")]
public interface IBatchCloneGrain : IGrainWithStringKey
{
    /// <summary>
    /// Starts the operation, or joins or returns the one of this id; waits up to two seconds for its end. An operation
    /// that has ended does nothing again: disks deleted since then stay deleted.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.AlreadyExists"/>: the id belongs to an operation
    /// with another specification; <see cref="ErrorCode.BadRequest"/>; <see cref="ErrorCode.NotFound"/>: no such
    /// snapshot; <see cref="ErrorCode.InUse"/>: the snapshot is being deleted, or too many batches run.</exception>
    [Alias("Start")]
    Task<BatchClone> StartAsync(BatchCloneSpec spec, CancellationToken cancellationToken);

    /// <summary>How far it is.</summary>
    [Alias("Describe")]
    Task<BatchClone> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>What became of its disks, in the order of the specification.</summary>
    /// <param name="first">Index of the first disk, from 0.</param>
    /// <param name="max">Most results to return, at least 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("ListResults")]
    Task<ImmutableArray<BatchCloneResult>> ListResultsAsync(int first, int max, CancellationToken cancellationToken);

    /// <summary>
    /// Stops before the next chunk of disks; what was created stays, to be deleted by its owner. Waits up to two
    /// seconds for the stop; nothing happens to an operation that has ended.
    /// </summary>
    [Alias("Cancel")]
    Task<BatchClone> CancelAsync(CancellationToken cancellationToken);

    /// <summary>Says what a batch would do and cost, whatever the key; changes nothing.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>;
    /// <see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    [Alias("Plan")]
    Task<BatchClonePlan> PlanAsync(BatchCloneSpec spec, CancellationToken cancellationToken);

    /// <summary>Makes the operation go on if it was interrupted, without waiting for it.</summary>
    /// <returns>Whether it runs.</returns>
    [Alias("Resume")]
    Task<bool> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Forgets the operation if it has ended: the catalog keeps only so many.</summary>
    /// <returns>False while it runs.</returns>
    [Alias("Forget")]
    Task<bool> ForgetAsync(CancellationToken cancellationToken);
}
