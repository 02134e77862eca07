namespace SnapshotGrains.Client;

/// <summary>How traces are recorded and replayed.</summary>
public sealed record TraceOptions
{
    /// <summary>Longest recording after a disk was attached; default 10 min, more than 0.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A guest that has touched nothing new for so long has started: the recording ends. Default 30 s, more than 0.
    /// </summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Most bytes that are loaded ahead for all disks of this process and that no guest has touched yet; default 64
    /// MiB, 0: nothing is loaded ahead.
    /// </summary>
    public long AheadBytes { get; init; } = 64L << 20;

    /// <summary>Most disks that are recorded at the same time; default 64. Of a thousand clones few will do.</summary>
    public int MaxRecordings { get; init; } = 64;

    /// <summary>The options for a process whose readers have a cache of this size.</summary>
    /// <param name="cacheBytes">The cache's budget, in bytes, of which a quarter is for what is loaded ahead.</param>
    public static TraceOptions For(long cacheBytes) => new() { AheadBytes = cacheBytes / 4 };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxDuration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(AheadBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRecordings);
    }
}
