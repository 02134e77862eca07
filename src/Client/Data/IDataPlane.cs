using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>The road that segment bytes take to a reader; grain calls carry control only.</summary>
public interface IDataPlane
{
    /// <summary>Which segments a snapshot has, and under which key.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    ValueTask<SnapshotMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>The bytes of one segment, wherever they are; loads them when they are nowhere.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The name of its content; the one in <paramref name="key"/>.</param>
    /// <param name="lengthBytes">The segment's length.</param>
    /// <param name="urgency">Why it is wanted; may rise while it is under way.</param>
    /// <param name="cancellationToken">Ends the wait; carries the read's deadline.</param>
    /// <returns>The segment, leased: the caller releases it.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, FetchUrgency urgency, CancellationToken cancellationToken);

    /// <summary>
    /// Has a guess loaded by the process that would send it, for a reader who may come: its bytes stay there until one
    /// does.
    /// </summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The digest in its key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is loaded there: false when it is refused, or nobody answers; null when it can be leased
    /// here without a transfer, and so need not wait for a reader.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    ValueTask<bool?> PrepareAsync(SegmentKey key, Digest digest, CancellationToken cancellationToken);

    /// <summary>A reader has come for a segment that was loaded ahead of him: it was needed.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The digest in its key.</param>
    /// <param name="lengthBytes">Its length.</param>
    void NoteNeed(SegmentKey key, Digest digest, int lengthBytes)
    {
        // Where others count, they have counted it when they loaded it.
    }
}
