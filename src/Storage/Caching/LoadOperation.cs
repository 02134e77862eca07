namespace SnapshotGrains.Storage;

/// <summary>
/// One load in flight and the callers that wait for it. All mutable state is guarded by the cache's lock.
/// </summary>
internal sealed class LoadOperation(
    Digest digest, int length, SegmentLoad load, bool isDerived, FetchUrgency urgency)
{
    // Never disposed: it has neither timer nor wait handle, and a caller may leave at the moment the load ends.
    private readonly CancellationTokenSource _cancellation = new();
    private readonly bool _isBegunAhead = urgency.Priority.IsAhead();

    public Digest Digest => digest;

    public int Length => length;

    /// <summary>Why it is loaded: as urgent as the most urgent caller, once they have all said so.</summary>
    public FetchUrgency Urgency => urgency;

    /// <summary>Nobody waits for it yet, and perhaps nobody will: it gets only what is to spare.</summary>
    public bool IsSpeculative => _isBegunAhead && urgency.Priority.IsAhead();

    /// <summary>Callers that still wait.</summary>
    public HashSet<LoadWaiter> Waiters { get; } = [];

    /// <summary>Everybody has left: no new caller may join, the load is being cancelled.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The load waits for memory; its source has not been asked yet.</summary>
    public bool IsReserving { get; set; }

    /// <summary>The background work, for whoever disposes the cache.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Fills the buffer; notes the digest of what is not named by it.</summary>
    public async ValueTask RunAsync(SegmentBuffer buffer)
    {
        await load(buffer.Writable, Token).ConfigureAwait(false);
        if (isDerived)
        {
            buffer.ContentDigest = Digest.Compute(buffer.Writable.Span);
        }
    }

    /// <summary>Becomes as urgent as a caller, also when that one becomes more urgent later.</summary>
    public FetchUrgency.Registration Follow(FetchUrgency caller) =>
        caller == urgency ? default : caller.OnRaised(() => urgency.Raise(caller.Priority));

    public void Cancel() => _cancellation.Cancel();
}
