namespace SnapshotGrains.Storage;

/// <summary>Settings of a <see cref="SegmentCache"/>.</summary>
public sealed record SegmentCacheOptions
{
    /// <summary>
    /// Most bytes of memory that segments may take, loads in flight included. At least 4 KiB; default 1 GiB.
    /// </summary>
    public long BudgetBytes { get; init; } = 1L << 30;

    /// <summary>Usual segment size in bytes: a hint that sizes tables, not a limit. Default 1 MiB.</summary>
    public int SegmentSizeBytes { get; init; } = SegmentMap.DefaultSegmentSizeBytes;

    /// <summary>Most loads that may wait for memory; one more fails at once. 1 to 1,000,000; default 1024.</summary>
    public int MaxWaitingReservations { get; init; } = 1024;

    /// <summary>Longest wait of a load for memory, whatever its callers' deadlines. Default 30 s.</summary>
    public TimeSpan ReservationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Takes the budget's memory at the start, in the background, so that no load waits for its pages. Default off.
    /// </summary>
    public bool Populate { get; init; }

    /// <summary>
    /// Overwrites memory when it is given back, so that a test sees a use after release. Default off.
    /// </summary>
    public bool PoisonFreedMemory { get; init; }

    /// <summary>The clock of waits and of the scrub's pace. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BudgetBytes, SegmentMemoryPool.PageBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentSizeBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaitingReservations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWaitingReservations, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReservationTimeout, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
