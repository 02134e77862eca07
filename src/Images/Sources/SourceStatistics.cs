namespace SnapshotGrains.Images;

/// <summary>What a <see cref="MeteredImageSource"/> has counted. Only grows.</summary>
/// <param name="Requests">Range reads started.</param>
/// <param name="Bytes">Bytes that successful range reads brought.</param>
/// <param name="Failures">Range reads that failed, cancelled ones included.</param>
/// <param name="InFlight">Range reads under way now.</param>
/// <param name="ManifestRequests">Manifests read.</param>
public sealed record SourceStatistics(long Requests, long Bytes, long Failures, long InFlight, long ManifestRequests);
