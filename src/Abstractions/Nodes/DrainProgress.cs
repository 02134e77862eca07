using Orleans;

namespace SnapshotGrains;

/// <summary>How far a silo is that hands over what it has.</summary>
/// <param name="IsRunning">Whether it is at it.</param>
/// <param name="SegmentsMoved">Segments that other silos have taken over.</param>
/// <param name="SegmentsLeft">Segments that are still to be moved.</param>
/// <param name="DisksMoved">Disks that other nodes can keep now.</param>
/// <param name="DisksLeft">Open disks that stay: no other node has their directory, or guests are attached to them
/// here.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DrainProgress")]
public sealed record DrainProgress(
    [property: Id(0)] bool IsRunning,
    [property: Id(1)] int SegmentsMoved,
    [property: Id(2)] int SegmentsLeft,
    [property: Id(3)] int DisksMoved,
    [property: Id(4)] int DisksLeft);
