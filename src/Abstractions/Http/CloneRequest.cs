namespace SnapshotGrains;

/// <summary>Body of <c>PUT /v1/disks/{name}</c>.</summary>
/// <param name="Snapshot">The snapshot to clone.</param>
public sealed record CloneRequest(SnapshotId Snapshot);
