using Orleans;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>A segment in an array that, where it was received, came from the shared pool.</summary>
[Immutable]
internal sealed record PooledPayload(byte[] Array, int Length);
