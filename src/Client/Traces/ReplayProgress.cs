namespace SnapshotGrains.Client;

/// <summary>
/// How far a guest is in a plan, and how much of the plan may be loaded ahead of him: little at first, more the longer
/// he does what it says, nothing when he does not. Not thread-safe.
/// </summary>
/// <remarks>
/// What a wrong plan costs is what was loaded and is never touched. It is at most the window, which begins with
/// <see cref="TracePlan.FirstSegments"/> and grows by half of what agreed, and what the guest has passed by, which
/// may be as many and an eighth of what agreed. So a plan that never agrees costs its first segments and no more.
/// </remarks>
internal sealed class ReplayProgress : IForecast
{
    /// <summary>Most segments that are ahead of the guest: enough to keep all loads going.</summary>
    public const int MaxWindow = 16;

    private const int WindowShare = 2;
    private const int PassedShare = 8;

    /// <summary>How far behind the guest's last place a segment is no longer expected.</summary>
    private const int PassedDistance = 16;

    /// <summary>A guest of whose newest touches less than a quarter agree does something else by now.</summary>
    private const int NewestTouches = 16;
    private const int MinNewestAgreed = 4;

    private readonly TracePlan _plan;
    private readonly State[] _states;
    private readonly Dictionary<long, int> _places;
    private readonly HashSet<long> _elsewhere = [];
    private uint _newest;
    private int _next;
    private int _furthest = -1;
    private int _passedBy;

    /// <param name="plan">The plan.</param>
    public ReplayProgress(TracePlan plan)
    {
        _plan = plan;
        _states = new State[plan.Segments.Count];
        _places = new Dictionary<long, int>(plan.Segments.Count);
        for (var place = 0; place < plan.Segments.Count; place++)
        {
            _places.TryAdd(plan.Segments[place], place);
        }
    }

    private enum State : byte
    {
        Waiting,
        Ahead,
        Passed,
        Touched,
    }

    /// <summary>Segments that are loaded, or being loaded, and that he may still touch.</summary>
    public int Ahead { get; private set; }

    /// <summary>Segments that were loaded and that he has passed by.</summary>
    public int Passed { get; private set; }

    /// <summary>First touches that the plan foretold.</summary>
    public int Agreed { get; private set; }

    /// <summary>First touches that it did not.</summary>
    public int Missed { get; private set; }

    /// <summary>Segments that were loaded before he touched them.</summary>
    public int Hits { get; private set; }

    /// <inheritdoc />
    /// <remarks>Nothing is left to load, or it would be for nothing.</remarks>
    public bool IsOver => _next >= _states.Length || (Agreed == 0 && Missed >= NewestTouches);

    private int Window => Math.Min(MaxWindow, TracePlan.FirstSegments + (Agreed / WindowShare));

    private bool IsTrusted => Passed <= TracePlan.FirstSegments + (Agreed / PassedShare)
        && (Agreed + Missed < NewestTouches || int.PopCount((int)(_newest & 0xffff)) >= MinNewestAgreed)
        && (Agreed > 0 || Missed == 0);

    /// <inheritdoc />
    public bool HasNext()
    {
        while (_next < _states.Length && _states[_next] != State.Waiting)
        {
            _next++;
        }

        return _next < _states.Length && Ahead < Window && IsTrusted;
    }

    /// <inheritdoc />
    public long? TakeNext()
    {
        if (!HasNext())
        {
            return null;
        }

        _states[_next] = State.Ahead;
        Ahead++;
        return _plan.Segments[_next++];
    }

    /// <inheritdoc />
    public bool Touch(long segment)
    {
        if (!_places.TryGetValue(segment, out var place))
        {
            if (_elsewhere.Add(segment))
            {
                Note(hasAgreed: false);
            }

            return false;
        }

        var state = _states[place];
        if (state == State.Touched)
        {
            return false;
        }

        _states[place] = State.Touched;
        Ahead -= state == State.Ahead ? 1 : 0;
        Passed -= state == State.Passed ? 1 : 0;
        Hits += state == State.Waiting ? 0 : 1;
        Note(hasAgreed: true);
        MoveTo(place);
        return state != State.Waiting;
    }

    private void Note(bool hasAgreed)
    {
        _newest = (_newest << 1) | (hasAgreed ? 1u : 0);
        Agreed += hasAgreed ? 1 : 0;
        Missed += hasAgreed ? 0 : 1;
    }

    /// <summary>What is far behind is not expected any more, and need not be loaded.</summary>
    private void MoveTo(int place)
    {
        _furthest = Math.Max(_furthest, place);
        for (; _passedBy < _furthest - PassedDistance; _passedBy++)
        {
            if (_states[_passedBy] == State.Ahead)
            {
                _states[_passedBy] = State.Passed;
                Ahead--;
                Passed++;
            }
        }

        _next = Math.Max(_next, _passedBy);
    }
}
