using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>What a reader must know of a snapshot.</summary>
/// <param name="Segments">Its size, its zero segments and the digests of the others.</param>
/// <param name="Key">The key that the image center has its segments under; null for none.</param>
public sealed record SnapshotMap(SegmentMap Segments, KeyRef? Key);
