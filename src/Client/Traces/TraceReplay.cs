using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Loads what a forecast says ahead of a guest, into the cache that his reads go through. Thread-safe.
/// </summary>
/// <param name="forecast">What he is expected to touch.</param>
/// <param name="priority">How likely that is.</param>
/// <param name="space">Where the segments lie.</param>
/// <param name="reader">Loads them.</param>
/// <param name="budget">What may be ahead.</param>
/// <param name="totals">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class TraceReplay(
    IForecast forecast, FetchPriority priority, TraceSpace space, ReplicaReader reader, AheadBudget budget,
    TraceTotals totals, TimeProvider time)
{
    private const int Parallelism = 12;

    /// <summary>What has been ahead for longer than so many others is no longer expected: the cache may drop it.
    /// </summary>
    private const int MaxAhead = 2 * ReplayProgress.MaxWindow;

    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<long> _ahead = [];
    private readonly Queue<long> _oldest = [];
    private readonly HashSet<long> _loaded = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _hasFailed;

    private int SegmentBytes => reader.Base.SegmentSizeBytes;

    private bool IsOver => _hasFailed || forecast.IsOver;

    /// <summary>The guest touched a unit of the disk for the first time. Does not wait.</summary>
    public void Touch(long unit)
    {
        if (space.BaseOf(unit) is not { } segment)
        {
            return;
        }

        lock (_gate)
        {
            if (forecast.Touch(segment))
            {
                totals.Hit(SegmentBytes);
                GiveBack(segment);
            }

            Signal();
        }
    }

    /// <summary>
    /// Loads until the forecast is done, or not worth it any more. A segment that cannot be had ends it: whoever needs
    /// one then, asks for it.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Parallelism).Select(_ => WorkAsync(cancellationToken)))
                .ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                budget.Give((long)SegmentBytes * _ahead.Count);
                _ahead.Clear();
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken).ConfigureAwait(false) is { } segment)
        {
            try
            {
                foreach (var number in ToLoad(segment))
                {
                    await LoadAsync(number, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (SnapshotGrainsException)
            {
                lock (_gate)
                {
                    _hasFailed = true;
                    Signal();
                }
            }
        }
    }

    private async ValueTask LoadAsync(long number, CancellationToken cancellationToken)
    {
        if (reader.IsAtHand(number))
        {
            return;
        }

        if (await reader.LoadAheadAsync(number, priority, cancellationToken).ConfigureAwait(false))
        {
            totals.Load(reader.Map.LengthOf(number));
        }
        else
        {
            // What the cache holds is of more use: others come first, for a while.
            await Task.Delay(FullPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next segment, when it may be loaded; null at the end.</summary>
    private async ValueTask<long?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                var freed = budget.Freed; // first: what is given back while it is asked for is not overlooked
                if (TryTakeLocked(out var isRefused) is { } next)
                {
                    return next;
                }

                if (IsOver)
                {
                    return null;
                }

                changed = isRefused ? Task.WhenAny(_changed.Task, freed) : _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for bytes only to use them: who gives them back at once wakes the others for nothing.</summary>
    private long? TryTakeLocked(out bool isRefused)
    {
        var isDue = !IsOver && forecast.HasNext();
        isRefused = isDue && !budget.TryTake(SegmentBytes);
        return isDue && !isRefused ? TakeLocked() : null;
    }

    private long TakeLocked()
    {
        var next = forecast.TakeNext()!.Value;
        _ahead.Add(next);
        _oldest.Enqueue(next);
        while (_ahead.Count > MaxAhead)
        {
            GiveBack(_oldest.Dequeue());
        }

        return next;
    }

    private void GiveBack(long segment)
    {
        if (_ahead.Remove(segment))
        {
            budget.Give(SegmentBytes);
        }
    }

    /// <summary>Those that were not loaded for another segment of the snapshot.</summary>
    private IReadOnlyList<long> ToLoad(long segment)
    {
        lock (_gate)
        {
            return [.. space.StoredOf(segment).Where(_loaded.Add)];
        }
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = NewSignal();
    }
}
