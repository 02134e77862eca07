using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Where a segment was found.</summary>
/// <param name="Bytes">Its bytes, leased, if a silo of this process has them; else null.</param>
/// <param name="Location">The silo of another process that has them, or is to have a copy; null where they are here.
/// </param>
/// <param name="CopyOf">The silo that they are to be copied from; null where they are themselves.</param>
public readonly record struct LocatedSegment(
    SegmentBuffer? Bytes, SegmentLocation? Location = null, string? CopyOf = null);
