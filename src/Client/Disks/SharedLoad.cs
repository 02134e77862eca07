using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// One load that several readers wait for. It keeps the segment leased until the last of them has taken its own
/// lease, so that a small cache cannot evict it between its arrival and its use.
/// </summary>
internal sealed class SharedLoad
{
    private readonly TaskCompletionSource<SegmentBuffer> _segment = new(
        TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lazy<Task> _load;
    private int _users = 1; // the load itself, until it has ended

    /// <param name="priority">Why it is begun.</param>
    /// <param name="begunAt">When, by the clock's timestamp.</param>
    /// <param name="load">Brings the segment, leased; runs once, when first asked for.</param>
    public SharedLoad(FetchPriority priority, long begunAt, Func<SharedLoad, Task<SegmentBuffer>> load)
    {
        BegunAt = begunAt;
        Urgency = FetchUrgency.Of(priority);
        BegunAs = priority;
        _load = new Lazy<Task>(() => RunAsync(load));
    }

    /// <summary>As urgent as the most urgent of those who joined.</summary>
    public FetchUrgency Urgency { get; }

    /// <summary>When it was begun, by the clock's timestamp.</summary>
    public long BegunAt { get; }

    /// <summary>Why it was begun.</summary>
    public FetchPriority BegunAs { get; }

    /// <summary>Whether it was begun before anybody needed the segment.</summary>
    public bool IsBegunAhead => BegunAs.IsAhead();

    /// <summary>The segment; leased for as long as somebody who joined has not left.</summary>
    public Task<SegmentBuffer> Segment
    {
        get
        {
            _ = _load.Value;
            return _segment.Task;
        }
    }

    /// <summary>Adds a user; false when the last one has left.</summary>
    public bool TryJoin()
    {
        while (Volatile.Read(ref _users) is var users and > 0)
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A user has its own lease, or has given up.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0 && _segment.Task.IsCompletedSuccessfully)
        {
            _segment.Task.Result.Release();
        }
    }

    private async Task RunAsync(Func<SharedLoad, Task<SegmentBuffer>> load)
    {
        try
        {
            _segment.SetResult(await load(this).ConfigureAwait(false));
        }
        catch (Exception error)
        {
            _segment.SetException(error);
            _ = _segment.Task.Exception; // observed: with every reader gone, nobody else would
        }

        Leave();
    }
}
