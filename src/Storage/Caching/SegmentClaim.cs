using System.Diagnostics.CodeAnalysis;

namespace SnapshotGrains.Storage;

/// <summary>
/// A reader's wish for a segment that is being located: the silo of his process that gets it gives it to him at once,
/// while the grain's answer is still on its way. Whoever has a segment located more than once, to hurry it, is given it
/// once: what the other calls bring is let go. Thread-safe.
/// </summary>
public sealed class SegmentClaim : IDisposable
{
    private readonly TaskCompletionSource<SegmentBuffer> _given =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private readonly IReadOnlyCollection<SegmentHandOver> _places;
    private int _calls;
    private int _answered;
    private int _brought;
    private bool _isTaken;
    private bool _hasLeft;

    /// <summary>Claims a segment.</summary>
    /// <param name="digest">Its content.</param>
    /// <param name="places">Where it may come.</param>
    public SegmentClaim(Digest digest, IReadOnlyCollection<SegmentHandOver> places)
    {
        (Digest, _places) = (digest, places);
        foreach (var place in places)
        {
            place.Expect(this);
        }
    }

    /// <summary>The segment's content.</summary>
    public Digest Digest { get; }

    /// <summary>Ends when the segment has been given; never fails.</summary>
    public Task Given => _given.Task;

    /// <summary>A call has the segment located for this claim, and brings it once before it ends.</summary>
    public void Follow(Task call)
    {
        ArgumentNullException.ThrowIfNull(call);
        lock (_gate)
        {
            _calls++;
        }

        call.ContinueWith(
            static (_, claim) => ((SegmentClaim)claim!).Answered(), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Takes what was given, once; the reader releases it.</summary>
    public bool TryTake([NotNullWhen(true)] out SegmentBuffer? segment)
    {
        lock (_gate)
        {
            segment = _given.Task.IsCompleted && !_isTaken ? _given.Task.Result : null;
            _isTaken |= segment is not null;
            return segment is not null;
        }
    }

    /// <summary>The reader leaves: he is given nothing any more, and what he has not taken is let go.</summary>
    public void Dispose()
    {
        bool isOver;
        lock (_gate)
        {
            _hasLeft = true;
            isOver = IsOver;
        }

        if (TryTake(out var unwanted))
        {
            unwanted.Release();
        }

        LeaveIf(isOver);
    }

    /// <summary>Gives a lease to the reader; false when he has one, or has left.</summary>
    internal bool TryGive(SegmentBuffer segment)
    {
        lock (_gate)
        {
            if (_hasLeft || !_given.TrySetResult(segment))
            {
                return false;
            }

            _brought++;
            return true;
        }
    }

    /// <summary>Lets a lease go that a further call has brought; false when none is due.</summary>
    internal bool TryDrop(SegmentBuffer segment)
    {
        lock (_gate)
        {
            if (_brought >= _calls)
            {
                return false;
            }

            _brought++;
        }

        segment.Release();
        return true;
    }

    private bool IsOver => _hasLeft && _answered == _calls;

    private void Answered()
    {
        bool isOver;
        lock (_gate)
        {
            _answered++;
            isOver = IsOver;
        }

        LeaveIf(isOver);
    }

    /// <summary>Not under the lock: a place holds its own when it gives.</summary>
    private void LeaveIf(bool isOver)
    {
        foreach (var place in isOver ? _places : [])
        {
            place.Leave(this);
        }
    }
}
