namespace SnapshotGrains.Grains.Segments;

/// <summary>Copies a segment's bytes from the silo that has it resident.</summary>
/// <param name="key">The segment.</param>
/// <param name="from">The silo.</param>
/// <param name="destination">As long as the segment.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask SegmentCopier(
    SegmentKey key, SegmentLocation from, Memory<byte> destination, CancellationToken cancellationToken);
