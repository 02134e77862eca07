namespace SnapshotGrains.Grains.Replicas;

/// <summary>
/// How far a build is: written by its threads, read by whoever asks. What was there already counts as done, and not
/// for the rate.
/// </summary>
internal sealed class BuildProgress(TimeProvider time)
{
    private long _startedAt = time.GetTimestamp();
    private long _leftBytes;
    private long _workedBytes;
    private long _verifiedSegments;

    /// <summary>The snapshot's segments that the replica was found to hold.</summary>
    public long VerifiedSegments => Volatile.Read(ref _verifiedSegments);

    /// <summary>Rate of the work, and the time until its end; null before there is a rate.</summary>
    public (double BytesPerSecond, double? EtaSeconds) Pace
    {
        get
        {
            var seconds = time.GetElapsedTime(Volatile.Read(ref _startedAt)).TotalSeconds;
            var rate = seconds > 0 ? Volatile.Read(ref _workedBytes) / seconds : 0;
            return (rate, rate > 0 ? Math.Max(0, Volatile.Read(ref _leftBytes)) / rate : null);
        }
    }

    /// <summary>An attempt begins, with so much to do.</summary>
    public void Begin(long bytes)
    {
        Volatile.Write(ref _workedBytes, 0);
        Volatile.Write(ref _verifiedSegments, 0);
        Volatile.Write(ref _leftBytes, bytes);
        Volatile.Write(ref _startedAt, time.GetTimestamp());
    }

    /// <summary>So much was there already.</summary>
    public void Skip(long bytes) => Interlocked.Add(ref _leftBytes, -bytes);

    /// <summary>So much was done.</summary>
    public void Done(long bytes)
    {
        Skip(bytes);
        Interlocked.Add(ref _workedBytes, bytes);
    }

    /// <summary>A segment of the snapshot was verified.</summary>
    public void Verified() => Interlocked.Increment(ref _verifiedSegments);
}
