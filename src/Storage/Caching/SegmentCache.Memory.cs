namespace SnapshotGrains.Storage;

/// <content>Memory: reservation within the budget, eviction, and the queue of loads that wait for room.</content>
public sealed partial class SegmentCache
{
    /// <summary>Uses within 1/64 of the budget's worth of admissions count as one: see SegmentBuffer.Touch.</summary>
    private const int EpochsPerBudget = 64;

    private readonly LinkedList<ReservationWaiter> _waiting = new();
    private readonly long _epochBytes;
    private long _usedBytes;
    private long _loadingBytes;
    private long _admittedBytes;
    private int _waitingCount;

    /// <summary>Advances as segments are admitted.</summary>
    internal int Epoch { get; private set; }

    /// <summary>The last lease of a buffer that is no longer resident was given back.</summary>
    internal void Free(SegmentBuffer buffer)
    {
        lock (_gate)
        {
            buffer.Queue?.Remove(buffer);
            FreeLocked(buffer);
        }

        Pump();
    }

    /// <summary>A resident buffer may have become evictable; loads that wait for room want to know.</summary>
    internal void OnUnleased()
    {
        // The release was an interlocked operation, hence a full fence: either this read sees the waiter, or the
        // waiter, who announces itself before it looks for something to evict, sees the released buffer.
        if (Volatile.Read(ref _waitingCount) != 0)
        {
            Pump();
        }
    }

    /// <summary>Makes free memory resident, a huge page at a time: loads and evictions pass in between.</summary>
    private void Populate()
    {
        while (GrowOnce())
        {
        }
    }

    private bool GrowOnce()
    {
        lock (_gate)
        {
            return !_disposed && _pool.Grow(_options.SegmentSizeBytes, BudgetBytes - _usedBytes);
        }
    }

    /// <summary>Memory for a load: at once, or after waiting in turn.</summary>
    private async ValueTask<SegmentBuffer> ReserveAsync(LoadOperation operation)
    {
        var evicted = new List<Digest>();
        var buffer = ReserveOrQueue(operation, evicted, out var waiter);
        RaiseEvicted(evicted);
        if (buffer is not null)
        {
            return buffer;
        }

        if (waiter is null)
        {
            throw Exhausted(
                operation.IsSpeculative ? CacheExhaustedReason.NothingToSpare : CacheExhaustedReason.QueueFull,
                operation.Length);
        }

        // A lease that was given back before this load announced itself had nobody to tell.
        Pump();
        return await WaitForMemoryAsync(waiter).ConfigureAwait(false);
    }

    /// <summary>A buffer, or a place in the queue, or neither when the queue is full.</summary>
    private SegmentBuffer? ReserveOrQueue(
        LoadOperation operation, List<Digest> evicted, out ReservationWaiter? waiter)
    {
        waiter = null;
        lock (_gate)
        {
            var buffer = _waiting.Count == 0 ? TryReserveLocked(operation, evicted) : null;
            if (buffer is null && !operation.IsSpeculative && _waiting.Count < _options.MaxWaitingReservations)
            {
                waiter = new ReservationWaiter(operation);
                _waiting.AddLast(waiter);
                operation.IsReserving = true;
                Interlocked.Increment(ref _waitingCount);
            }

            return buffer;
        }
    }

    private async ValueTask<SegmentBuffer> WaitForMemoryAsync(ReservationWaiter waiter)
    {
        try
        {
            return await waiter.Task
                .WaitAsync(_options.ReservationTimeout, _options.TimeProvider, waiter.Operation.Token)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (Withdraw(waiter))
            {
                Pump();
                throw Exhausted(CacheExhaustedReason.TimedOut, waiter.Operation.Length, e);
            }

            // The memory was granted in the same moment: it is ours, and whether to go on is the load's decision.
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    private bool Withdraw(ReservationWaiter waiter)
    {
        lock (_gate)
        {
            waiter.Operation.IsReserving = false;
            if (!_waiting.Remove(waiter))
            {
                return false;
            }

            Interlocked.Decrement(ref _waitingCount);
            return true;
        }
    }

    /// <summary>Serves waiting loads in order, as far as memory goes.</summary>
    private void Pump()
    {
        if (Volatile.Read(ref _waitingCount) == 0)
        {
            return;
        }

        var evicted = new List<Digest>();
        lock (_gate)
        {
            while (_waiting.First is { } first)
            {
                var buffer = TryReserveLocked(first.Value.Operation, evicted);
                if (buffer is null)
                {
                    break;
                }

                _waiting.RemoveFirst();
                Interlocked.Decrement(ref _waitingCount);
                first.Value.Operation.IsReserving = false;
                first.Value.SetResult(buffer);
            }
        }

        RaiseEvicted(evicted);
    }

    /// <summary>A buffer for the load, evicting as needed; null when what is left is leased or loading.</summary>
    private SegmentBuffer? TryReserveLocked(LoadOperation operation, List<Digest> evicted)
    {
        var charge = SegmentMemoryPool.ChargeOf(operation.Length);

        // Evicting what could be spared is useless when the rest is held: find out before anything is lost.
        if (_usedBytes - _policy.Bytes + charge > BudgetBytes)
        {
            return null;
        }

        while (_usedBytes + charge > BudgetBytes)
        {
            var victim = operation.IsSpeculative ? _policy.EvictUnproven() : _policy.Evict();
            if (victim is null)
            {
                return null;
            }

            _index.TryRemove(new KeyValuePair<Digest, SegmentBuffer>(victim.Digest, victim));
            _evictions++;
            evicted.Add(victim.Digest);
            FreeLocked(victim);
        }

        var block = _pool.Take(operation.Length, BudgetBytes - _usedBytes - charge);
        _usedBytes += charge;
        _loadingBytes += charge;
        _pool.Trim(BudgetBytes - _usedBytes);
        return new SegmentBuffer(this, operation.Digest, operation.Length, block);
    }

    private void FreeLocked(SegmentBuffer buffer)
    {
        _usedBytes -= buffer.ChargeBytes;
        _endedHits += buffer.LeasesGranted;
        _pool.Return(buffer.Block);
    }

    private void AdmitLocked(SegmentBuffer buffer, bool isAhead)
    {
        _admittedBytes += buffer.ChargeBytes;
        if (_admittedBytes >= _epochBytes)
        {
            _admittedBytes = 0;
            Epoch++;
        }

        buffer.StartAt(Epoch, isAhead);
        _policy.Add(buffer);
        _index[buffer.Digest] = buffer;
    }

    private void RaiseEvicted(List<Digest> digests)
    {
        foreach (var digest in digests)
        {
            Raise(Evicted, digest);
        }
    }

    /// <summary>A handler's error must not fail a reader who happens to need memory: it is counted instead.</summary>
    private void Raise(Action<Digest>? handlers, in Digest digest)
    {
        try
        {
            handlers?.Invoke(digest);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _handlerFailures);
        }
    }
}
