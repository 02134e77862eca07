namespace SnapshotGrains;

/// <summary>Body of <c>PUT /v1/hydration</c>.</summary>
/// <param name="BytesPerSecond">Most bytes a second that each node reads to hydrate; null: no limit.</param>
public sealed record HydrationLimit(long? BytesPerSecond);
