namespace SnapshotGrains.Client;

/// <summary>Loads what a plan says ahead of a guest, into the cache that his reads go through. Thread-safe.</summary>
/// <param name="plan">The plan.</param>
/// <param name="space">Where the segments lie.</param>
/// <param name="reader">Loads them.</param>
/// <param name="budget">What may be ahead.</param>
/// <param name="totals">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class TraceReplay(
    TracePlan plan, TraceSpace space, ReplicaReader reader, AheadBudget budget, TraceTotals totals, TimeProvider time)
{
    private const int Parallelism = 12;
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly ReplayProgress _progress = new(plan);
    private readonly Dictionary<long, int> _aheadBytes = [];
    private readonly HashSet<long> _loaded = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _hasFailed;

    private bool IsOver => _hasFailed || _progress.IsOver;

    /// <summary>The guest touched a unit of the disk for the first time. Does not wait.</summary>
    public void Touch(long unit)
    {
        if (space.BaseOf(unit) is not { } segment)
        {
            return;
        }

        lock (_gate)
        {
            if (_progress.Touch(segment) && _aheadBytes.Remove(segment, out var bytes))
            {
                budget.Give(bytes);
                totals.Hit(bytes);
            }

            Signal();
        }
    }

    /// <summary>
    /// Loads until the plan is done, or not worth it any more. A segment that cannot be had ends it: whoever needs one
    /// then, asks for it.
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
                budget.Give(_aheadBytes.Values.Sum(bytes => (long)bytes));
                _aheadBytes.Clear();
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

        if (await reader.LoadAheadAsync(number, cancellationToken).ConfigureAwait(false))
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
        var isDue = !IsOver && _progress.HasNext();
        isRefused = isDue && !budget.TryTake(reader.Base.SegmentSizeBytes);
        return isDue && !isRefused ? TakeLocked() : null;
    }

    private long TakeLocked()
    {
        var next = _progress.TakeNext()!.Value;
        _aheadBytes[next] = reader.Base.SegmentSizeBytes;
        return next;
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
