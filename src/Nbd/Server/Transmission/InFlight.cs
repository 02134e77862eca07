namespace SnapshotGrains.Nbd;

/// <summary>
/// Bounds what waits for the export: requests and bytes. Only the connection's thread adds; any thread removes.
/// </summary>
internal sealed class InFlight(int maxRequests, long maxBytes)
{
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private TaskCompletionSource? _idle;
    private int _requests;
    private long _bytes;
    private bool _aborted;

    /// <summary>True when a request of so many bytes may start; the largest may always go alone.</summary>
    public bool HasRoom(long bytes)
    {
        // Others only remove, so an old value is at worst too careful.
        var requests = Volatile.Read(ref _requests);
        return requests == 0 || (requests < maxRequests && Volatile.Read(ref _bytes) + bytes <= maxBytes);
    }

    /// <summary>Waits for room, for as long as the export's own deadlines take. False: aborted.</summary>
    public bool WaitForRoom(long bytes)
    {
        lock (_gate)
        {
            while (!_aborted && !HasRoom(bytes))
            {
                Monitor.Wait(_gate);
            }

            return !_aborted;
        }
    }

    public void Add(long bytes)
    {
        lock (_gate)
        {
            _requests++;
            _bytes += bytes;
        }
    }

    public void Remove(long bytes)
    {
        lock (_gate)
        {
            _requests--;
            _bytes -= bytes;
            Monitor.PulseAll(_gate);
            if (_requests == 0)
            {
                _idle?.TrySetResult();
            }
        }
    }

    /// <summary>Makes the waits end soon.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until nothing is in flight. False: gave up at the time-out, or shortly after an abort.</summary>
    public bool WaitIdle(TimeSpan timeout)
    {
        lock (_gate)
        {
            var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
            var abortSeen = false;
            while (_requests > 0)
            {
                if (_aborted && !abortSeen)
                {
                    abortSeen = true;
                    deadline = Math.Min(deadline, Environment.TickCount64 + (long)AbortGrace.TotalMilliseconds);
                }

                var left = deadline - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_gate, TimeSpan.FromMilliseconds(left)))
                {
                    return _requests == 0;
                }
            }

            return true;
        }
    }

    /// <summary>Completes when nothing is in flight any more.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_requests == 0)
            {
                _idle.TrySetResult();
            }

            return _idle.Task;
        }
    }
}
