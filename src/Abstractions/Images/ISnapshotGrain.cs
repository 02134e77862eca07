using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>One snapshot: what may be cloned from it, and its deletion. Key: <c>name@snap</c>.</summary>
[Alias("snapgrains.ISnapshotGrain")]
public interface ISnapshotGrain : IGrainWithStringKey
{
    /// <summary>What the image center knows of the snapshot, with the number of its disks.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    [Alias("Describe")]
    Task<ImageInfo> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Creates disks that start with the snapshot's content: metadata only, whatever the size. A disk that
    /// exists already as a clone of this snapshot is left as it is, so the call can be repeated.
    /// </summary>
    /// <param name="disks">The new disks' names.</param>
    /// <param name="options">How they are made.</param>
    /// <param name="cancellationToken">Gives up; some disks may have been created.</param>
    /// <returns>One disk per name, in the order given.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>,
    /// <see cref="ErrorCode.AlreadyExists"/> (a name belongs to another snapshot's clone; none is created on that
    /// name's shard), <see cref="ErrorCode.BadRequest"/>, <see cref="ErrorCode.InUse"/> (being deleted),
    /// <see cref="ErrorCode.KeyUnavailable"/>.</exception>
    [Alias("Clone")]
    Task<ImmutableArray<DiskInfo>> CloneAsync(
        ImmutableArray<string> disks, CloneOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Chooses what <paramref name="layout"/> leaves open, so that it can be asked for again with the same outcome.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: impossible;
    /// <see cref="ErrorCode.NotFound"/>, <see cref="ErrorCode.KeyUnavailable"/>: its key.</exception>
    [Alias("Resolve")]
    Task<ChosenLayout> ResolveAsync(DiskLayout? layout, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the snapshot from the image center: at once, or when the last disk that needs it is deleted or ready.
    /// Meanwhile it cannot be cloned.
    /// </summary>
    /// <param name="isDeferred">Whether to wait for disks that need it, or to refuse.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many disks the deletion waits for; 0: it is done.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: disks need it and
    /// <paramref name="isDeferred"/> is false; <see cref="ErrorCode.NotFound"/>.</exception>
    [Alias("Delete")]
    Task<int> DeleteAsync(bool isDeferred, CancellationToken cancellationToken);

    /// <summary>A disk needs the snapshot no more: if a deletion waits, it may be time.</summary>
    [Alias("Release")]
    Task ReleaseAsync(CancellationToken cancellationToken);
}
