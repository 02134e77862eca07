namespace SnapshotGrains.Disks;

/// <summary>How hydration behaves on a node.</summary>
public sealed record HydrationOptions
{
    /// <summary>Segments that are read at the same time, 1 to 64; default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Disks that hydrate at the same time; others wait for their turn. 1 to 4,096; default 64.</summary>
    public int MaxOpenDisks { get; init; } = 64;

    /// <summary>
    /// Segments of a disk that are copied before they are made durable together, 1 to 1,024; default 16. What a crash
    /// costs at most, besides those that are being read.
    /// </summary>
    public int SegmentsPerCommit { get; init; } = 16;

    /// <summary>Attempts at a disk's segments before its hydration is given up; at least 1, default 8.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>Pause after a first failure; doubles with each that follows, up to a minute. Default 250 ms.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMilliseconds(250);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Parallelism, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOpenDisks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxOpenDisks, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentsPerCommit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentsPerCommit, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstBackOff, TimeSpan.Zero);
    }
}
