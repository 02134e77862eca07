namespace SnapshotGrains.Images;

/// <summary>Settings of a <see cref="BoundedImageSource"/>.</summary>
public sealed record BoundedSourceOptions
{
    /// <summary>Most range reads at once. At least 1; default 32.</summary>
    public int MaxRequests { get; init; } = 32;

    /// <summary>Most bytes asked for at once. At least 1; default 64 MiB. A larger read goes alone.</summary>
    public long MaxBytesInFlight { get; init; } = 64L << 20;

    /// <summary>Most reads that wait for their turn; one more is refused as Unavailable. Default 4096.</summary>
    public int MaxWaiting { get; init; } = 4096;

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytesInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaiting, 0);
    }
}
