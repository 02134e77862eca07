namespace SnapshotGrains.Storage;

/// <content>Loads: single flight, waiters and their cancellation.</content>
public sealed partial class SegmentCache
{
    private const int MaxSegmentBytes = 1 << 30;

    /// <summary>
    /// Leases the segment, loading it first if it is not resident. All who ask while a load is in flight wait for that
    /// one load. A caller's cancellation ends its own wait only; the load is cancelled when the last caller has left.
    /// A failed load is reported to everybody who waits for it, and forgotten: the next call loads again.
    /// </summary>
    /// <param name="digest">Name of the content.</param>
    /// <param name="length">Length of the segment in bytes, 1 to 1 GiB.</param>
    /// <param name="load">Brings the verified bytes; runs on the thread pool.</param>
    /// <param name="cancellationToken">The caller's deadline.</param>
    /// <param name="isDerived">Whether the content is named by how it is made rather than by its SHA-256, which is then
    /// computed when it is there.</param>
    /// <param name="urgency">Why it is wanted, for the load to look at; null: a reader waits. Whoever joins a load
    /// makes that as urgent as he is.</param>
    /// <returns>The buffer, leased: release it when done.</returns>
    /// <exception cref="CacheExhaustedException">No room: the segment exceeds the budget, or memory stayed leased or
    /// queued for until the deadline.</exception>
    /// <exception cref="OperationCanceledException">The deadline ended while the segment was being loaded.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<SegmentBuffer> GetOrLoadAsync(
        Digest digest, int length, SegmentLoad load, CancellationToken cancellationToken, bool isDerived = false,
        FetchUrgency? urgency = null)
    {
        if (TryLease(digest, out var buffer))
        {
            return new ValueTask<SegmentBuffer>(buffer);
        }

        ArgumentNullException.ThrowIfNull(load);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return LoadAsync(digest, length, load, isDerived, urgency ?? FetchUrgency.Demand, cancellationToken);
    }

    /// <summary>
    /// As <see cref="GetOrLoadAsync"/> for a caller who cannot say yet how the segment would be loaded: begins no load.
    /// </summary>
    /// <param name="digest">Name of the content.</param>
    /// <param name="urgency">Why it is wanted; makes the load as urgent.</param>
    /// <param name="cancellationToken">The caller's deadline.</param>
    /// <returns>The buffer, leased; null when the segment is neither resident nor being loaded.</returns>
    public async ValueTask<SegmentBuffer?> TryJoinAsync(
        Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LoadWaiter waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (TryLease(digest, out var resident))
            {
                return resident;
            }

            if (!_loads.TryGetValue(digest, out var operation))
            {
                return null;
            }

            waiter = JoinLocked(operation);
        }

        return await WaitAsync(waiter, urgency, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A caller's own cancellation.</summary>
    private static void Leave(LoadWaiter waiter, CancellationToken cancellationToken)
    {
        var (cache, operation) = (waiter.Cache, waiter.Operation);
        bool reserving;
        lock (cache._gate)
        {
            if (!operation.Waiters.Remove(waiter))
            {
                return;
            }

            reserving = operation.IsReserving;
            if (operation.Waiters.Count == 0)
            {
                operation.IsAbandoned = true;
                cache.ForgetLocked(operation);
            }
        }

        if (reserving)
        {
            var cause = new OperationCanceledException(cancellationToken);
            waiter.SetException(cache.Exhausted(CacheExhaustedReason.TimedOut, operation.Length, cause));
        }
        else
        {
            waiter.SetCanceled(cancellationToken);
        }

        if (operation.IsAbandoned)
        {
            operation.Cancel();
        }
    }

    private async ValueTask<SegmentBuffer> LoadAsync(
        Digest digest, int length, SegmentLoad load, bool isDerived, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        if (length > MaxSegmentBytes || SegmentMemoryPool.ChargeOf(length) > BudgetBytes)
        {
            throw Exhausted(CacheExhaustedReason.SegmentTooLarge, length);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var waiter = Join(digest, length, load, isDerived, urgency, out var resident);
        return waiter is null
            ? resident! : await WaitAsync(waiter, urgency, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<SegmentBuffer> WaitAsync(
        LoadWaiter waiter, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        // In this order: what rises in between is seen by one of them.
        using var raised = waiter.Operation.Follow(urgency);
        waiter.Operation.Urgency.Raise(urgency.Priority);
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => Leave((LoadWaiter)state!, token), waiter);
        return await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>A place among the waiters of the load; null when the segment became resident in the meantime.</summary>
    private LoadWaiter? Join(
        in Digest digest, int length, SegmentLoad load, bool isDerived, FetchUrgency urgency,
        out SegmentBuffer? resident)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (TryLease(digest, out resident))
            {
                return null;
            }

            if (!_loads.TryGetValue(digest, out var operation))
            {
                return WaitLocked(StartLoadLocked(digest, length, load, isDerived, urgency));
            }

            return operation.Length == length ? JoinLocked(operation) : throw new ArgumentException(
                $"Segment {digest} is being loaded with {operation.Length} bytes, not {length}.", nameof(length));
        }
    }

    private LoadWaiter JoinLocked(LoadOperation operation)
    {
        _joinedLoads++;
        return WaitLocked(operation);
    }

    private LoadWaiter WaitLocked(LoadOperation operation)
    {
        _misses++;
        var waiter = new LoadWaiter(this, operation);
        operation.Waiters.Add(waiter);
        return waiter;
    }

    private LoadOperation StartLoadLocked(
        in Digest digest, int length, SegmentLoad load, bool isDerived, FetchUrgency urgency)
    {
        var operation = new LoadOperation(digest, length, load, isDerived, urgency);
        _loadsStarted++;
        _loads[digest] = operation;
        _running.Add(operation);

        // On the thread pool: the first caller's scheduler (a grain's turn) must not carry everybody's load.
        operation.Completion = Task.Run(() => RunAsync(operation));
        return operation;
    }

    private async Task RunAsync(LoadOperation operation)
    {
        SegmentBuffer? buffer = null;
        Exception? failure = null;
        try
        {
            buffer = await ReserveAsync(operation).ConfigureAwait(false);
            var load = operation.RunAsync(buffer);
            if (!load.IsCompleted && buffer.Block.IsFresh)
            {
                // While the source thinks: what it sends then finds its pages there.
                PageAdvice.Populate(buffer.Address, buffer.ChargeBytes);
            }

            await load.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever it is, the waiters get it.
            failure = e;
        }

        Finish(operation, buffer, failure);
    }

    private void Finish(LoadOperation operation, SegmentBuffer? buffer, Exception? failure)
    {
        LoadWaiter[] waiters;
        lock (_gate)
        {
            waiters = [.. operation.Waiters];
            operation.Waiters.Clear();
            _running.Remove(operation);
            ForgetLocked(operation);
            failure ??= _disposed ? new ObjectDisposedException(nameof(SegmentCache)) : null;
            _loadFailures += failure is not null && waiters.Length != 0 ? 1 : 0;
            if (buffer is not null)
            {
                SettleLocked(operation, buffer, failure is null, waiters.Length);
            }
        }

        foreach (var waiter in waiters)
        {
            if (failure is null)
            {
                waiter.SetResult(buffer!);
            }
            else
            {
                waiter.SetException(failure);
            }
        }

        Pump();
    }

    /// <summary>The load's memory becomes a resident segment, or goes back to the pool.</summary>
    private void SettleLocked(LoadOperation operation, SegmentBuffer buffer, bool succeeded, int waiters)
    {
        _loadingBytes -= buffer.ChargeBytes;

        // Bytes that came although everybody had left are good, unless a later load of the segment overtook them.
        var wanted = waiters != 0
            || (!_index.ContainsKey(operation.Digest) && !_loads.ContainsKey(operation.Digest));
        if (succeeded && wanted)
        {
            buffer.GrantInitial(waiters);
            AdmitLocked(buffer, operation.IsSpeculative);
        }
        else
        {
            buffer.TryEvict();
            FreeLocked(buffer);
        }
    }

    private void ForgetLocked(LoadOperation operation)
    {
        if (_loads.TryGetValue(operation.Digest, out var current) && current == operation)
        {
            _loads.Remove(operation.Digest);
        }
    }
}
