namespace SnapshotGrains.Storage;

/// <summary>
/// Brings a segment's bytes into the cache's memory: fills <paramref name="destination"/> exactly, verified, or throws.
/// </summary>
/// <param name="destination">
/// Memory of the segment's length, with undefined content. It belongs to the load until the returned task has ended,
/// and not a moment longer: a load that gives up must not leave a read behind that still writes to it.
/// </param>
/// <param name="cancellationToken">Cancelled when nobody waits for the segment any more.</param>
public delegate ValueTask SegmentLoad(Memory<byte> destination, CancellationToken cancellationToken);
