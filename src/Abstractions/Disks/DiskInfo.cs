using System.Text.Json.Serialization;
using Orleans;

namespace SnapshotGrains;

/// <summary>A disk: what is recorded of it, and what listings show.</summary>
/// <param name="Name">Its name, also its NBD export name.</param>
/// <param name="Parent">The snapshot it was cloned from; a <see cref="DiskState.Ready"/> disk needs it no more.</param>
/// <param name="SizeBytes">Logical size, in bytes.</param>
/// <param name="SegmentSizeBytes">Segment size of the replica that it is cloned from, in bytes.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="CreatedAt">When it was cloned.</param>
/// <param name="Id">Never used again, unlike the name: its overlay's files are called by it.</param>
/// <param name="Hydration">When it copies its parent's content.</param>
/// <param name="Problem">Why it is <see cref="DiskState.Failed"/>; else null.</param>
/// <param name="Format">Its stripe format; null for a disk that is cloned from the base replica.</param>
/// <param name="Key">The key that it is encrypted under; null for none.</param>
/// <param name="Home">The directory that has its own blocks, see <see cref="NodeInfo.Home"/>; null before its first
/// use, which decides it for good.</param>
/// <param name="Trace">The profile of the trace that it adds to and is loaded ahead by; null for
/// <see cref="TraceName.DefaultProfile"/>, <see cref="TraceName.NoProfile"/> for none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskInfo")]
public sealed record DiskInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] SnapshotId Parent,
    [property: Id(2)] long SizeBytes,
    [property: Id(3)] int SegmentSizeBytes,
    [property: Id(4)] DiskState State,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] Guid Id,
    [property: Id(7)] HydrationMode Hydration = HydrationMode.Background,
    [property: Id(8)] string? Problem = null,
    [property: Id(9)] StripeFormat? Format = null,
    [property: Id(10)] KeyRef? Key = null,
    [property: Id(11)] Guid? Home = null,
    [property: Id(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Trace = null)
{
    /// <summary>The replica that it is cloned from.</summary>
    [JsonIgnore]
    public ReplicaId Replica => new(Parent, Format, Format is null ? null : Key);

    /// <summary>Whether the parent must be kept for it.</summary>
    public bool NeedsParent => State is not (DiskState.Ready or DiskState.Deleting);
}
