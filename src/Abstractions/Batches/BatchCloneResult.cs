using Orleans;

namespace SnapshotGrains;

/// <summary>What became of one disk of a batch clone.</summary>
/// <param name="Disk">The disk's name.</param>
/// <param name="IsCreated">Whether the batch has created it, or found it there as a clone of the snapshot.</param>
/// <param name="Problem">Why it could not be created. Null without <paramref name="IsCreated"/>: it was not its turn
/// yet, or the batch was cancelled before.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.BatchCloneResult")]
public sealed record BatchCloneResult(
    [property: Id(0)] string Disk, [property: Id(1)] bool IsCreated, [property: Id(2)] string? Problem = null);
