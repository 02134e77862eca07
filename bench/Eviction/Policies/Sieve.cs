namespace SnapshotGrains.Bench.Eviction;

/// <summary>
/// SIEVE (Zhang, Yang, Yue, Vigfusson and Rashmi, "SIEVE is simpler than LRU", NSDI '24): one queue, and a hand that
/// passes over what was used since it came by last.
/// </summary>
internal sealed class Sieve(int slots) : IPolicy
{
    private readonly Dictionary<int, LinkedListNode<(int Segment, bool IsVisited)>> _places = [];
    private readonly LinkedList<(int Segment, bool IsVisited)> _queue = new();
    private LinkedListNode<(int Segment, bool IsVisited)>? _hand;

    public bool Use(int segment)
    {
        if (_places.TryGetValue(segment, out var place))
        {
            place.Value = (segment, true);
            return true;
        }

        if (_places.Count == slots)
        {
            Evict();
        }

        _places[segment] = _queue.AddFirst((segment, false));
        return false;
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Evict()
    {
        var victim = _hand ?? _queue.Last!;
        while (victim.Value.IsVisited)
        {
            victim.Value = (victim.Value.Segment, false);
            victim = victim.Previous ?? _queue.Last!;
        }

        _hand = victim.Previous;
        _places.Remove(victim.Value.Segment);
        _queue.Remove(victim);
    }
}
