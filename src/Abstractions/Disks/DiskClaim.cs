using Orleans;

namespace SnapshotGrains;

/// <summary>For whom a node wants a disk that another process has open.</summary>
/// <param name="Holder">A writer who comes back to it; null: somebody who can wait.</param>
/// <param name="IsTakeOver">Whether it is taken from whoever has it attached.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskClaim")]
public sealed record DiskClaim([property: Id(0)] string? Holder = null, [property: Id(1)] bool IsTakeOver = false);
