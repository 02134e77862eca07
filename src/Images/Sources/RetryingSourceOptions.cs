namespace SnapshotGrains.Images;

/// <summary>Settings of a <see cref="RetryingImageSource"/>.</summary>
public sealed record RetryingSourceOptions
{
    /// <summary>Attempts for one request, the first included. 1 to 10; default 4.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>Pause before the second attempt; doubles from there, with jitter. Default 100 ms.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between attempts. Default 5 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time for one attempt. Default 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time for a request with all its attempts and pauses. Default 30 s.</summary>
    public TimeSpan OverallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Retries that each request earns for all: 0.2 allows one retry for five requests in the long run, so that
    /// retries cannot multiply the load of an image center that is down. 0 to 1.
    /// </summary>
    public double RetriesPerRequest { get; init; } = 0.2;

    /// <summary>Retries in store at the start, and the most that can be saved up. 0 to 10,000; default 100.</summary>
    public int RetryReserve { get; init; } = 100;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Random numbers in [0, 1) for the jitter; null = Polly's own.</summary>
    public Func<double>? Randomizer { get; init; }

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAttempts, 10);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, FirstDelay);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AttemptTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(OverallTimeout, AttemptTimeout);
        ArgumentOutOfRangeException.ThrowIfNegative(RetriesPerRequest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RetriesPerRequest, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(RetryReserve);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RetryReserve, 10_000);
    }
}
