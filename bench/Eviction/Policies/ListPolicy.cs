namespace SnapshotGrains.Bench.Eviction;

/// <summary>First in, first out, or with <paramref name="isLru"/> least recently used.</summary>
internal sealed class ListPolicy(int slots, bool isLru) : IPolicy
{
    private readonly Dictionary<int, LinkedListNode<int>> _places = [];
    private readonly LinkedList<int> _order = new();

    public bool Use(int segment)
    {
        if (_places.TryGetValue(segment, out var place))
        {
            if (isLru)
            {
                _order.Remove(place);
                _order.AddLast(place);
            }

            return true;
        }

        if (_places.Count == slots)
        {
            _places.Remove(_order.First!.Value);
            _order.RemoveFirst();
        }

        _places[segment] = _order.AddLast(segment);
        return false;
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
