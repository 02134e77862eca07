namespace SnapshotGrains.Client;

/// <summary>
/// The servers that a client may ask: those that it was given, and those that the cluster has told of since. One of
/// them is asked for as long as it answers. Thread-safe.
/// </summary>
internal sealed class ServerList
{
    /// <summary>However long a server asks to be left alone.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    /// <summary>A server that does not answer is no better a moment later.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Uri[] _given;
    private readonly Dictionary<Uri, (long Since, TimeSpan Length)> _rests = [];
    private Uri[] _all;
    private int _current;

    /// <param name="given">The servers that were given, the first preferred; none where the cluster tells.</param>
    /// <param name="time">The clock.</param>
    public ServerList(IReadOnlyList<Uri> given, TimeProvider time)
    {
        _all = _given = [.. given];
        _time = time;
    }

    /// <summary>The server to ask; null when none is known.</summary>
    public Uri? Current
    {
        get
        {
            lock (_gate)
            {
                return _all.Length == 0 ? null : _all[_current % _all.Length];
            }
        }
    }

    /// <summary>Whether there is a server besides these.</summary>
    public bool HasOther(IReadOnlySet<Uri> asked)
    {
        lock (_gate)
        {
            return _all.Any(server => !asked.Contains(server));
        }
    }

    /// <summary>Whether the server to ask has asked to be left alone: no other is left.</summary>
    public bool IsCurrentResting
    {
        get
        {
            lock (_gate)
            {
                return Current is { } current && IsRestingLocked(current);
            }
        }
    }

    /// <summary>A server did not answer, or cannot: another one is asked from now on.</summary>
    /// <param name="server">The server.</param>
    /// <param name="rest">For how long it asks to be left alone, if there are others; at most a minute. Null: it does
    /// not answer.</param>
    public void Leave(Uri server, TimeSpan? rest = null)
    {
        var length = rest ?? Silence;
        lock (_gate)
        {
            _rests[server] = (_time.GetTimestamp(), length < LongestRest ? length : LongestRest);
            if (_all.Length > 0 && _all[_current % _all.Length] == server)
            {
                _current = NextLocked();
            }
        }
    }

    /// <summary>The cluster's nodes as they are now.</summary>
    public void Learn(IReadOnlyList<NodeInfo> nodes)
    {
        var learnt = nodes.Select(node => node.Endpoints?.Http).OfType<Uri>();
        lock (_gate)
        {
            var current = Current;
            _all = [.. _given.Concat(learnt).Distinct()];
            _current = Math.Max(0, Array.IndexOf(_all, current));
            foreach (var gone in _rests.Keys.Except(_all).ToArray())
            {
                _rests.Remove(gone);
            }
        }
    }

    /// <summary>The next one that does not rest, at last the same; where all do, the next one.</summary>
    private int NextLocked()
    {
        var turns = Enumerable.Range(1, _all.Length).Select(step => (_current + step) % _all.Length).ToArray();
        return turns.Where(index => !IsRestingLocked(_all[index])).Append(turns[0]).First();
    }

    private bool IsRestingLocked(Uri server) =>
        _rests.TryGetValue(server, out var rest) && _time.GetElapsedTime(rest.Since) < rest.Length;
}
