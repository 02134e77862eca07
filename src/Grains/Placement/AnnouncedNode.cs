using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Placement;

/// <summary>What a silo has announced about itself.</summary>
/// <param name="Node">Its name and weight as a cache node.</param>
/// <param name="Home">The directory of its disks' blocks; empty before it is known.</param>
internal sealed record AnnouncedNode(RendezvousNode Node, Guid Home);
