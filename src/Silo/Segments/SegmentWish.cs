using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Segments;

/// <summary>How a reader in another process wants a segment.</summary>
/// <param name="Dead">Silos that it found dead.</param>
/// <param name="Priority">Why it asks.</param>
/// <param name="CopyOf">The silo that sent it here for a copy; null if none did.</param>
/// <param name="IsSilo">Whether it is a silo's process.</param>
/// <param name="IsForBytes">Whether it takes the bytes now, or only has the segment loaded.</param>
internal sealed record SegmentWish(
    IReadOnlyCollection<string> Dead, FetchPriority Priority, string? CopyOf, bool IsSilo, bool IsForBytes);
