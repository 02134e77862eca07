namespace SnapshotGrains.Images;

/// <summary>Settings of a <see cref="BoundedImageSource"/>.</summary>
public sealed record BoundedSourceOptions
{
    /// <summary>
    /// Most range reads at once. At least 1; default 64. How many it may be at a time is found by measuring, from
    /// <see cref="MinRequests"/> up.
    /// </summary>
    public int MaxRequests { get; init; } = 64;

    /// <summary>Range reads that may be under way at once however slow the source is. At least 1; default 2.</summary>
    public int MinRequests { get; init; } = 2;

    /// <summary>Most bytes asked for at once. At least 1; default 64 MiB. A larger read goes alone.</summary>
    public long MaxBytesInFlight { get; init; } = 64L << 20;

    /// <summary>Most reads that wait for their turn; one more is refused as Unavailable. Default 4096.</summary>
    public int MaxWaiting { get; init; } = 4096;

    /// <summary>
    /// Longest time for one request, from the moment that its turn has come: waiting is not the image center's fault.
    /// Default: no limit.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytesInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaiting, 0);
        if (RequestTimeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        }
    }
}
