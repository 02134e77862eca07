namespace SnapshotGrains.Bench.Eviction;

/// <summary>A cache of segments of one size.</summary>
internal interface IPolicy : IDisposable
{
    /// <summary>Uses a segment; false when it had to be loaded first.</summary>
    bool Use(int segment);
}
