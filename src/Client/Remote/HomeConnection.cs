using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <summary>A connection to a disk's home that can be used.</summary>
/// <param name="Home">The connection.</param>
/// <param name="Number">Which it is, from 1: each reconnection has the next one.</param>
internal sealed record HomeConnection(NbdClient Home, long Number);
