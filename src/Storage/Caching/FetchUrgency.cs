namespace SnapshotGrains.Storage;

/// <summary>
/// How urgent one fetch is at the moment: as urgent as the most urgent of those who wait for it. It only rises: a
/// reader who joins a background load makes it a demand for all the stages that it still has before it. Thread-safe.
/// </summary>
public sealed class FetchUrgency(FetchPriority priority)
{
    /// <summary>A reader waits from the start: nothing is more urgent, so one object serves all.</summary>
    public static readonly FetchUrgency Demand = new(FetchPriority.Demand);

    private readonly Lock _gate = new();
    private List<Action>? _handlers;
    private int _priority = (int)priority;

    /// <summary>The most urgent reason so far.</summary>
    public FetchPriority Priority => (FetchPriority)Volatile.Read(ref _priority);

    /// <summary>An urgency to pass on.</summary>
    public static FetchUrgency Of(FetchPriority priority) =>
        priority == FetchPriority.Demand ? Demand : new FetchUrgency(priority);

    /// <summary>Somebody waits for this reason too. Nothing changes if it was as urgent already.</summary>
    public void Raise(FetchPriority to)
    {
        if (to >= Priority)
        {
            return;
        }

        Action[] handlers;
        lock (_gate)
        {
            if (to >= Priority)
            {
                return;
            }

            Volatile.Write(ref _priority, (int)to);
            handlers = _handlers is null ? [] : [.. _handlers];
        }

        foreach (var handler in handlers)
        {
            handler();
        }
    }

    /// <summary>
    /// Calls back when it rises, on the thread that raises it; handlers are short. Whoever registers looks at
    /// <see cref="Priority"/> afterwards, or misses a rise that came before.
    /// </summary>
    /// <returns>Ends that.</returns>
    public Registration OnRaised(Action handler)
    {
        if (Priority == FetchPriority.Demand)
        {
            return default; // it cannot rise any more
        }

        lock (_gate)
        {
            (_handlers ??= []).Add(handler);
        }

        return new Registration(this, handler);
    }

    private void Remove(Action handler)
    {
        lock (_gate)
        {
            _handlers!.Remove(handler);
        }
    }

    /// <summary>A handler that is called.</summary>
    public readonly struct Registration(FetchUrgency? owner, Action handler) : IDisposable
    {
        /// <summary>It is not called any more, or once more if it is being called.</summary>
        public void Dispose() => owner?.Remove(handler);
    }
}
