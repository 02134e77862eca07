using Orleans;

namespace SnapshotGrains;

/// <summary>
/// What replica a new disk is cloned from, as it is asked for. What is left open is chosen: the key is the snapshot's,
/// and the stripe format that of the best replica there is under the key, or else unstriped.
/// </summary>
/// <param name="SegmentSizeBytes">Segment size; null for the snapshot's, or 1 MiB at least where the unit needs it.
/// </param>
/// <param name="StripeUnitBytes">Stripe unit; goes with <paramref name="StripeCount"/>.</param>
/// <param name="StripeCount">Stripe count; goes with <paramref name="StripeUnitBytes"/>.</param>
/// <param name="Key">Name of the key; <see cref="ReplicaId.NoKey"/> for none; null for the snapshot's own.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskLayout")]
public sealed record DiskLayout(
    [property: Id(0)] int? SegmentSizeBytes = null,
    [property: Id(1)] int? StripeUnitBytes = null,
    [property: Id(2)] int? StripeCount = null,
    [property: Id(3)] string? Key = null)
{
    /// <summary>Whether a stripe format is asked for.</summary>
    public bool HasFormat => SegmentSizeBytes is not null || StripeUnitBytes is not null || StripeCount is not null;
}
