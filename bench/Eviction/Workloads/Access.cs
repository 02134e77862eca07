namespace SnapshotGrains.Bench.Eviction;

/// <summary>One use of a segment.</summary>
/// <param name="Segment">Which.</param>
/// <param name="IsScan">Whether it belongs to a scan: that nobody expects to hit.</param>
internal readonly record struct Access(int Segment, bool IsScan);
