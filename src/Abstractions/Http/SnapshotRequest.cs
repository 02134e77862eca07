namespace SnapshotGrains;

/// <summary>Body of <c>POST /v1/disks/{name}/snapshots</c>.</summary>
/// <param name="Snapshot">The new snapshot.</param>
public sealed record SnapshotRequest(SnapshotId Snapshot);
