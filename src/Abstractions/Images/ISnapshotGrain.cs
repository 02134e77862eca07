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
    /// <returns>One disk per name, in the order given.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>,
    /// <see cref="ErrorCode.AlreadyExists"/> (a name belongs to another snapshot's clone; none is created on that
    /// name's shard), <see cref="ErrorCode.BadRequest"/>, <see cref="ErrorCode.InUse"/> (being deleted).</exception>
    [Alias("Clone")]
    Task<ImmutableArray<DiskInfo>> CloneAsync(ImmutableArray<string> disks, CancellationToken cancellationToken);

    /// <summary>Deletes the snapshot from the image center.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>: disks were cloned from it;
    /// <see cref="ErrorCode.NotFound"/>.</exception>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken);
}
