namespace SnapshotGrains.Images;

/// <summary>
/// How many requests a source is worth at a time, by trying: as long as one more request brings more bytes a second,
/// one more is allowed; when it brings nothing, it is taken back, and fewer are tried; when the source becomes much
/// slower, half are. (The idea of TCP Vegas and of Netflix's concurrency-limits: requests that bring no throughput
/// only wait in the source, where a demand cannot overtake them.) Not thread-safe.
/// </summary>
internal sealed class AdaptiveLimit
{
    private const int First = 4;
    private const int MinSamples = 4;
    private const double Gain = 0.3;
    private const double Collapse = 0.6;
    private const double Recovery = 1.5;
    private const int EpochsToRest = 8;
    private const int StepShare = 8;

    /// <summary>A slow source is worth a look at fewer requests.</summary>
    private static readonly TimeSpan LongestEpoch = TimeSpan.FromMilliseconds(500);

    private readonly int _least;
    private readonly int _most;
    private readonly TimeProvider _time;
    private long _busySince;
    private TimeSpan _busy;
    private long _epochAt;
    private double _bytes;
    private int _samples;
    private int _inFlight;
    private bool _wasReached;
    private int _rest;
    private int _previous;
    private int _direction = 1;

    public AdaptiveLimit(int least, int most, TimeProvider time)
    {
        (_least, _most, _time) = (Math.Min(least, most), most, time);
        Requests = _previous = Math.Clamp(First, _least, _most);
    }

    /// <summary>Requests that may be under way.</summary>
    public int Requests { get; private set; }

    /// <summary>Bytes a second while there was something to do, lately; 0: not known yet.</summary>
    public double BytesPerSecond { get; private set; }

    /// <summary>Something waits because of the limit.</summary>
    public void Reached() => _wasReached = true;

    public void Started()
    {
        if (_inFlight++ == 0)
        {
            _busySince = _time.GetTimestamp();
        }
    }

    /// <summary>
    /// A request has ended. What it brought before this epoch is not counted: requests that share a source end
    /// together, and would make it look slow first and then fast.
    /// </summary>
    /// <param name="bytes">How many bytes it brought; 0 when it failed.</param>
    /// <param name="startedAt">When it was sent, by the clock's timestamp.</param>
    public void Ended(long bytes, long startedAt)
    {
        var now = _time.GetTimestamp();
        _busy += _time.GetElapsedTime(_busySince, now);
        _busySince = now;
        _inFlight--;
        var part = (double)(now - Math.Max(startedAt, _epochAt)) / Math.Max(1, now - startedAt);
        _bytes += bytes * (now > startedAt ? part : 1);
        if (++_samples >= Math.Max(MinSamples, 2 * Requests) || (_samples > 1 && _busy > LongestEpoch))
        {
            Learn(_bytes / Math.Max(_busy.TotalSeconds, 1e-6));
            (_samples, _bytes, _busy, _wasReached, _epochAt) = (0, 0, TimeSpan.Zero, false, now);
        }
    }

    private void Learn(double rate)
    {
        var before = BytesPerSecond;

        // A source that brings nothing is slow; 0 would say that nothing is known of it.
        rate = before > 0 ? Math.Max(rate, 1) : rate;
        if (!_wasReached)
        {
            // Less was asked for than it could do, so it can do this much at least.
            BytesPerSecond = Math.Max(rate, before * (1 - (1.0 / EpochsToRest)));
            return;
        }

        BytesPerSecond = before > 0 && rate > before * Collapse && rate < before * Recovery
            ? (before + rate) / 2 : rate;
        Move(rate, before);
    }

    private void Move(double rate, double before)
    {
        var next = Requests;
        var share = (double)Math.Abs(Requests - _previous) / _previous;
        if (rate < before * Collapse)
        {
            (next, _rest, _direction) = (Requests / 2, EpochsToRest, -1);
        }
        else if (rate > before * Recovery)
        {
            (next, _rest, _direction) = (Requests + Math.Max(1, Requests / 2), 0, 1);
        }
        else if (Requests > _previous && rate < before * (1 + (Gain * share)))
        {
            (next, _rest, _direction) = (_previous, EpochsToRest, -1);
        }
        else if (Requests < _previous && rate < before * (1 - (Gain * share)))
        {
            (next, _rest, _direction) = (_previous, EpochsToRest, 1);
        }
        else if (_rest-- <= 0)
        {
            next = Requests + (_direction * Math.Max(1, Requests / StepShare));
        }

        _previous = Requests;
        Requests = Math.Clamp(next, _least, _most);
        _rest = Requests == next ? _rest : EpochsToRest;
        _direction = Requests == _least ? 1 : Requests == _most ? -1 : _direction;
    }
}
