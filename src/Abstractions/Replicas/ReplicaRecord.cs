using Orleans;

namespace SnapshotGrains;

/// <summary>What is recorded of a derived replica; the rest can be counted.</summary>
/// <param name="Id">The replica; never a base replica.</param>
/// <param name="Build">When its segments are made.</param>
/// <param name="IsKept">Whether they are kept on disk, so that neither eviction nor a restart makes them again.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="CreatedAt">When it was recorded first.</param>
/// <param name="LogicalDigest">What <see cref="ReplicaInfo.LogicalDigest"/> says.</param>
/// <param name="Problem">Why it is <see cref="ReplicaState.Failed"/>; else null.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ReplicaRecord")]
public sealed record ReplicaRecord(
    [property: Id(0)] ReplicaId Id,
    [property: Id(1)] ReplicaBuild Build,
    [property: Id(2)] bool IsKept,
    [property: Id(3)] ReplicaState State,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] string? LogicalDigest = null,
    [property: Id(6)] string? Problem = null);
