using Orleans;

namespace SnapshotGrains;

/// <summary>Which replica new disks are cloned from, when all is chosen.</summary>
/// <param name="Format">Its stripe format; null for the base replica.</param>
/// <param name="Key">The key that the disks are under; null for none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ChosenLayout")]
public sealed record ChosenLayout([property: Id(0)] StripeFormat? Format, [property: Id(1)] KeyRef? Key)
{
    /// <summary>The replica of <paramref name="snapshot"/>.</summary>
    public ReplicaId Of(SnapshotId snapshot) => new(snapshot, Format, Format is null ? null : Key);

    /// <summary>The request that leaves nothing open and gets the same.</summary>
    public DiskLayout ToRequest() => new(
        Format?.SegmentSizeBytes, Format?.StripeUnitBytes, Format?.StripeCount, Key?.Name ?? ReplicaId.NoKey);
}
