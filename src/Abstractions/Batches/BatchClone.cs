using Orleans;

namespace SnapshotGrains;

/// <summary>A batch clone: what was asked, and how far it is.</summary>
/// <param name="Id">The operation's id, chosen by who started it.</param>
/// <param name="Spec">Which disks; listings leave <see cref="BatchCloneSpec.Names"/> out.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Total">How many disks were asked for.</param>
/// <param name="Created">Disks that are there, those included that were clones of this snapshot before.</param>
/// <param name="Failed">Disks that could not be created.</param>
/// <param name="StartedAt">When it was recorded.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Problem">What ended it early, or what holds it up while it runs; else null.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.BatchClone")]
public sealed record BatchClone(
    [property: Id(0)] string Id,
    [property: Id(1)] BatchCloneSpec Spec,
    [property: Id(2)] BatchCloneState State,
    [property: Id(3)] int Total,
    [property: Id(4)] int Created,
    [property: Id(5)] int Failed,
    [property: Id(6)] DateTimeOffset StartedAt,
    [property: Id(7)] DateTimeOffset? EndedAt = null,
    [property: Id(8)] string? Problem = null);
