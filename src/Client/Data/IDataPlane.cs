using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>The road that segment bytes take to a reader; grain calls carry control only.</summary>
public interface IDataPlane
{
    /// <summary>Which segments a snapshot has: size, zero segments, digests.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    ValueTask<SegmentMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>The bytes of one segment, wherever they are; loads them when they are nowhere.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The digest that the bytes must have; the one in <paramref name="key"/>.</param>
    /// <param name="lengthBytes">The segment's length.</param>
    /// <param name="cancellationToken">Ends the wait; carries the read's deadline.</param>
    /// <returns>The segment, leased: the caller releases it.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, CancellationToken cancellationToken);
}
