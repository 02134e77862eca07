using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>What a silo needs of its process to derive segments.</summary>
/// <param name="Lease">The road to base segments.</param>
/// <param name="OpenKey">The road to keys.</param>
/// <param name="Store">Where segments of replicas are kept; null: nowhere.</param>
/// <param name="Copy">Copies a resident segment from another silo; null: none can be.</param>
public sealed record DerivationInputs(
    SegmentLease Lease, KeyOpen OpenKey, ReplicaStore? Store = null, SegmentCopier? Copy = null);
