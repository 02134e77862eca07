using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Where a segment was found.</summary>
/// <param name="Bytes">Its bytes, leased, if a silo of this process has them; else null.</param>
/// <param name="Location">The silo that has them.</param>
public readonly record struct LocatedSegment(SegmentBuffer? Bytes, SegmentLocation Location);
