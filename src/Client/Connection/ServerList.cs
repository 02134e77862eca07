namespace SnapshotGrains.Client;

/// <summary>
/// The servers that a client may ask: those that it was given, and those that the cluster has told of since. One of
/// them is asked for as long as it answers. Thread-safe.
/// </summary>
internal sealed class ServerList
{
    private readonly Lock _gate = new();
    private readonly Uri[] _given;
    private Uri[] _all;
    private int _current;

    /// <param name="given">The servers that were given, the first preferred; none where the cluster tells.</param>
    public ServerList(IReadOnlyList<Uri> given) => _all = _given = [.. given];

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _all).Length;

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

    /// <summary>A server did not answer: another one is asked from now on.</summary>
    public void Leave(Uri server)
    {
        lock (_gate)
        {
            if (_all.Length > 0 && _all[_current % _all.Length] == server)
            {
                _current = (_current + 1) % _all.Length;
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
        }
    }
}
