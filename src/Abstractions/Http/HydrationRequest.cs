namespace SnapshotGrains;

/// <summary>Body of <c>POST /v1/disks/{name}/hydration</c>.</summary>
/// <param name="Command">What the disk's hydration is to do.</param>
public sealed record HydrationRequest(HydrationCommand Command);
