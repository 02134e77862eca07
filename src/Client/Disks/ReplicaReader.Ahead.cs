using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <content>
/// Segments loaded before a reader asks. Their buffers are kept apart until the first reader comes, so that he passes
/// here once: this is how it is seen that they were needed, and that a sequential read goes on.
/// </content>
public sealed partial class ReplicaReader
{
    /// <summary>Segments of one request that are loaded while it waits for the one before.</summary>
    private const int MaxOfRequest = 8;

    private readonly ConcurrentDictionary<long, SegmentBuffer> _ahead = new();
    private readonly ReadAhead _readAhead;

    /// <summary>
    /// Makes a segment resident where readers of this process will find it, without keeping it leased; a guess stays in
    /// the process that it is found in. Waits for the load, so that the caller can bound how many are under way.
    /// </summary>
    /// <param name="number">The segment's number.</param>
    /// <param name="priority">How likely it is to be wanted: <see cref="FetchPriority.Trace"/> or
    /// <see cref="FetchPriority.Guess"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not a load that others wait for.</param>
    /// <returns>False when nothing would make room for a segment that is not needed yet: stop for a while.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask<bool> LoadAheadAsync(
        long number, FetchPriority priority, CancellationToken cancellationToken)
    {
        if (IsAtHand(number))
        {
            return true;
        }

        if (priority == FetchPriority.Guess
            && await PrepareAsync(number, cancellationToken).ConfigureAwait(false) is { } isReady)
        {
            return isReady;
        }

        var load = LoadOf(number, priority);
        if (!load.TryJoin())
        {
            return true; // it has just come
        }

        try
        {
            await load.Segment.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.CacheExhausted)
        {
            return false;
        }
        finally
        {
            load.Leave();
        }
    }

    /// <summary>Null when its bytes may as well come here at once.</summary>
    private async ValueTask<bool?> PrepareAsync(long number, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_readTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var digest = Map.DigestOf(number);
            return await _plane.PrepareAsync(KeyOf(number, digest), digest, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (deadline.IsCancellationRequested)
        {
            throw TookTooLong(number, error);
        }
    }

    /// <summary>Whether a read of it needs neither a call nor a load.</summary>
    public bool IsAtHand(long number) => Map.IsZero(number) || SlotOf(number) is { IsResident: true }
        || (_ahead.TryGetValue(number, out var buffer) && buffer.IsResident);

    /// <summary>
    /// A load that was begun for a less urgent reason had less room, and may have waited for most of its time already,
    /// when a reader joined it: he begins it anew.
    /// </summary>
    private static bool WasLessUrgent(SharedLoad load, FetchPriority priority) => load.BegunAs > priority;

    private void Keep(long number, SegmentBuffer buffer, SharedLoad load)
    {
        if (load.Urgency.Priority.IsAhead())
        {
            _ahead[number] = buffer;
            return;
        }

        SlotOf(number) = buffer;
        if (load.IsBegunAhead)
        {
            NoteNeed(number);
        }
    }

    /// <summary>The first reader of a segment that was loaded ahead.</summary>
    private bool TakeAhead(long number)
    {
        if (!_ahead.TryRemove(number, out var buffer))
        {
            return false;
        }

        SlotOf(number) = buffer;
        NoteNeed(number);
        return true;
    }

    private void NoteNeed(long number)
    {
        var digest = Map.DigestOf(number);
        _plane.NoteNeed(KeyOf(number, digest), digest, Map.LengthOf(number));
    }

    /// <summary>
    /// Begins to load what the same request wants besides, or, at its end, what follows in a sequential read: the
    /// segments of one request say nothing about the next one.
    /// </summary>
    private void ReadOn(long offset, int maxLength, FetchPriority priority)
    {
        if (priority != FetchPriority.Demand || !_readAhead.IsOn)
        {
            return;
        }

        var number = offset >> _segmentShift;
        var last = Math.Min((offset + maxLength - 1) >> _segmentShift, Map.SegmentCount - 1);
        var next = _readAhead.Touch(number, isLast: number == last);
        BeginAhead(number == last ? next : DataSegments(number + 1, Math.Min(last, number + MaxOfRequest)));
    }

    /// <summary>
    /// Nobody waits: each load has its own deadline, and its failure is told to the reader who comes for it.
    /// </summary>
    private void BeginAhead(IEnumerable<long> segments)
    {
        foreach (var number in segments)
        {
            if (!IsAtHand(number))
            {
                _ = LoadOf(number, FetchPriority.Trace).Segment;
            }
        }
    }

    private IEnumerable<long> DataSegments(long first, long last)
    {
        for (var n = Map.NextData(first); n <= last; n = Map.NextData(n + 1))
        {
            yield return n;
        }
    }
}
