namespace SnapshotGrains;

/// <summary>Body of <c>PUT /v1/replicas/{snapshot}/{format}/{key}</c>.</summary>
/// <param name="Build">When its segments are made; eager ones are kept.</param>
/// <param name="Keep">Whether they are kept on disk.</param>
public sealed record ReplicaRequest(ReplicaBuild Build = ReplicaBuild.Lazy, bool Keep = false);
