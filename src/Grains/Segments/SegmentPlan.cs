using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>How a segment gets into the cache.</summary>
/// <param name="LengthBytes">Its length.</param>
/// <param name="Load">Brings its bytes.</param>
/// <param name="Place">The place among the limited loads that it takes; null where they are not limited.</param>
internal readonly record struct SegmentPlan(int LengthBytes, SegmentLoad Load, SemaphoreSlim? Place) : IDisposable
{
    public void Dispose() => Place?.Release();
}
