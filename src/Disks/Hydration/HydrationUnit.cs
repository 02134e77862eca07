using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>One segment to be read, and the disks that get it.</summary>
/// <param name="Scan">The walk it is part of.</param>
/// <param name="Number">The segment's number.</param>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Its length, in bytes.</param>
/// <param name="Source">Why it is read.</param>
/// <param name="Jobs">The disks that lack it.</param>
internal sealed record HydrationUnit(
    HydrationScan Scan, long Number, long Offset, int Length, OverlaySource Source, List<HydrationJob> Jobs);
