namespace SnapshotGrains;

/// <summary>Body of <c>POST /v1/disks/{name}/resize</c>.</summary>
/// <param name="SizeBytes">The new size, a multiple of 4,096.</param>
public sealed record ResizeRequest(long SizeBytes);
