using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>Leases a segment from whatever silo has it; the caller releases it.</summary>
/// <param name="key">The segment.</param>
/// <param name="digest">The digest in its key.</param>
/// <param name="lengthBytes">Its length.</param>
/// <param name="urgency">How urgent that is.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask<SegmentBuffer> SegmentLease(
    SegmentKey key, Digest digest, int lengthBytes, FetchUrgency urgency, CancellationToken cancellationToken);
