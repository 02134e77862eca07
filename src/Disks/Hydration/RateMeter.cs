namespace SnapshotGrains.Disks;

/// <summary>
/// The recent rate of something: bytes and time, both fading with the same half-life, so that the rate is exact from
/// the first seconds on and follows changes within a minute. Thread-safe.
/// </summary>
internal sealed class RateMeter(TimeProvider time)
{
    private const double HalfLifeSeconds = 15;

    private readonly Lock _gate = new();
    private long _last = time.GetTimestamp();
    private double _bytes;
    private double _seconds;

    /// <summary>Bytes a second; 0 before the first byte.</summary>
    public double BytesPerSecond
    {
        get
        {
            lock (_gate)
            {
                Fade();
                return _seconds > 0 ? _bytes / _seconds : 0;
            }
        }
    }

    /// <summary>Counts bytes that were moved since the last call.</summary>
    public void Add(long bytes)
    {
        lock (_gate)
        {
            Fade();
            _bytes += bytes;
        }
    }

    private void Fade()
    {
        var now = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_last, now).TotalSeconds;
        var kept = Math.Pow(0.5, elapsed / HalfLifeSeconds);
        _last = now;
        _bytes *= kept;
        _seconds = (_seconds * kept) + ((1 - kept) * HalfLifeSeconds / Math.Log(2));
    }
}
