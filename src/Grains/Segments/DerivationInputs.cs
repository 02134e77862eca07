namespace SnapshotGrains.Grains.Segments;

/// <summary>What a silo needs of its process to derive segments.</summary>
/// <param name="Lease">The road to base segments.</param>
/// <param name="OpenKey">The road to keys.</param>
public sealed record DerivationInputs(SegmentLease Lease, KeyOpen OpenKey);
