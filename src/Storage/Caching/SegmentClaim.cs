using System.Diagnostics.CodeAnalysis;

namespace SnapshotGrains.Storage;

/// <summary>
/// A reader's wish for a segment that is being located: the silo of his process that gets it gives it to him at once,
/// while the grain's answer is still on its way. Leaves when disposed, and lets go what was not taken.
/// </summary>
public sealed class SegmentClaim : IDisposable
{
    private readonly TaskCompletionSource<SegmentBuffer> _given =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly IReadOnlyCollection<SegmentHandOver> _places;
    private bool _isTaken;

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

    /// <summary>Takes what was given, once; the reader releases it.</summary>
    public bool TryTake([NotNullWhen(true)] out SegmentBuffer? segment)
    {
        segment = _given.Task.IsCompleted && !_isTaken ? _given.Task.Result : null;
        _isTaken |= segment is not null;
        return segment is not null;
    }

    /// <summary>Leaves: after this nothing is given.</summary>
    public void Dispose()
    {
        foreach (var place in _places)
        {
            place.Leave(this);
        }

        if (TryTake(out var unwanted))
        {
            unwanted.Release();
        }
    }

    /// <summary>False when another place was first.</summary>
    internal bool TryGive(SegmentBuffer segment) => _given.TrySetResult(segment);
}
