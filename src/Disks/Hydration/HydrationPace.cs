namespace SnapshotGrains.Disks;

/// <summary>
/// Guests first. While one waits for the image center, hydration asks it for nothing. While guests are served at all,
/// one worker goes on, and rests after each segment for a multiple of the time that the segment took; the others wait.
/// </summary>
internal sealed class HydrationPace(GuestActivity guests, TimeProvider time)
{
    private const double RestFactor = 15;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private long _seenRequests;
    private long _seenAt = time.GetTimestamp();
    private bool _isBusy;
    private TimeSpan _lastUnit;

    /// <summary>Completes when this worker may take the next segment.</summary>
    public async ValueTask WaitAsync(int worker, CancellationToken cancellationToken)
    {
        // Bounded: with guests that always wait, hydration would never end.
        for (var waited = TimeSpan.Zero; guests.Waiting > 0 && waited < LongestWait; waited += Nap)
        {
            await Task.Delay(Nap, time, cancellationToken).ConfigureAwait(false);
        }

        if (!IsBusy())
        {
            return;
        }

        if (worker == 0)
        {
            var rest = _lastUnit * RestFactor;
            await Task.Delay(rest < LongestRest ? rest : LongestRest, time, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (IsBusy())
        {
            await Task.Delay(Quiet, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A worker was busy with a segment for this long.</summary>
    public void Worked(int worker, TimeSpan elapsed)
    {
        if (worker == 0)
        {
            _lastUnit = elapsed;
        }
    }

    /// <summary>Whether guests asked for anything in the last moments.</summary>
    private bool IsBusy()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (time.GetElapsedTime(_seenAt, now) >= Quiet)
            {
                var requests = guests.Requests;
                _isBusy = requests != _seenRequests;
                (_seenRequests, _seenAt) = (requests, now);
            }

            return _isBusy;
        }
    }
}
