using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Neighbouring reads that are sent as one request. It ends early when nobody waits for any of them.</summary>
internal sealed class GatheredRead
{
    // Never disposed: it has neither timer nor wait handle, and a reader may leave at the moment the request ends.
    private readonly CancellationTokenSource _abandoned = new();
    private int _waiting;

    public GatheredRead(IReadOnlyList<PendingRead> reads, FetchPriority priority, long startedAt)
    {
        (Pack, Offset, Priority, StartedAt) = (reads[0].Pack, reads[0].Offset, priority, startedAt);
        Parts = [.. reads.Select(read => new ScatterPart(read.Rest))];
        Bytes = reads.Sum(read => read.Length);
        _waiting = Parts.Count;
    }

    public PackId Pack { get; }

    public long Offset { get; }

    public FetchPriority Priority { get; }

    /// <summary>When it was sent, by the clock's timestamp.</summary>
    public long StartedAt { get; }

    public int Bytes { get; }

    public IReadOnlyList<ScatterPart> Parts { get; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>
    /// One of the readers has what he waited for, or has given up. When the last one leaves, the request ends, unless
    /// its last bytes were his: then it is at its end.
    /// </summary>
    public void Left()
    {
        if (Interlocked.Decrement(ref _waiting) == 0 && Parts[^1].IsGivenUp)
        {
            _abandoned.Cancel();
        }
    }

    /// <summary>The request has ended: what is not there will not come.</summary>
    public void End(Exception error)
    {
        foreach (var part in Parts)
        {
            part.Fail(error);
        }
    }
}
