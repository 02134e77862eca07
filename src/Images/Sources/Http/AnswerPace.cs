namespace SnapshotGrains.Images;

/// <summary>
/// How long a server takes to begin an answer, and how fast bytes come then: what lies between a request's cost and
/// that of its bytes. Moving averages, over some ten answers. Thread-safe.
/// </summary>
internal sealed class AnswerPace(TimeProvider time)
{
    private const double Weight = 1.0 / 8;

    /// <summary>Shorter bodies come with the head: they say nothing of speed.</summary>
    private const int MinBodyBytes = 64 << 10;

    private readonly Lock _gate = new();
    private long _received;
    private double _firstByteSeconds;
    private double _bytesPerSecond;

    /// <summary>Bytes that come in the time that the server takes to begin; 0: not known yet.</summary>
    public long RoundTripBytes
    {
        get
        {
            lock (_gate)
            {
                return (long)(_firstByteSeconds * _bytesPerSecond);
            }
        }
    }

    /// <summary>A request is sent.</summary>
    public long Sent() => time.GetTimestamp();

    /// <summary>The head of its answer is there.</summary>
    public (long At, long Received) Begun(long sentAt)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            Learn(ref _firstByteSeconds, time.GetElapsedTime(sentAt, now).TotalSeconds);
            return (now, _received);
        }
    }

    /// <summary>Its body is there. What others received meanwhile came by the same road, so it counts too.</summary>
    public void Ended((long At, long Received) begun, int bytes)
    {
        lock (_gate)
        {
            _received += bytes;
            var elapsed = time.GetElapsedTime(begun.At).TotalSeconds;
            if (bytes >= MinBodyBytes && elapsed > 0)
            {
                Learn(ref _bytesPerSecond, (_received - begun.Received) / elapsed);
            }
        }
    }

    private static void Learn(ref double average, double sample) =>
        average += (average == 0 ? 1 : Weight) * (sample - average);
}
