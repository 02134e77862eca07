namespace SnapshotGrains.Bench.Eviction;

/// <summary>
/// W-TinyLFU (Einziger, Friedman and Manes, "TinyLFU: a highly efficient cache admission policy", TOS '17): a window of
/// a hundredth, from which a segment comes into the rest, a segmented LRU, only if it was used more often of late than
/// the one that would have to go.
/// </summary>
internal sealed class TinyLfu : IPolicy
{
    private readonly FrequencySketch _frequencies;
    private readonly Dictionary<int, LinkedListNode<int>> _places = [];
    private readonly LinkedList<int> _window = new();
    private readonly LinkedList<int> _probation = new();
    private readonly LinkedList<int> _protected = new();
    private readonly (int Window, int Main, int Protected) _slots;

    public TinyLfu(int slots)
    {
        var window = Math.Max(1, slots / 100);
        _slots = (window, slots - window, (slots - window) * 8 / 10);
        _frequencies = new FrequencySketch(slots);
    }

    public bool Use(int segment)
    {
        _frequencies.Count(segment);
        if (_places.TryGetValue(segment, out var place))
        {
            Touch(place);
            return true;
        }

        _places[segment] = _window.AddLast(segment);
        if (_window.Count > _slots.Window)
        {
            LeaveWindow();
        }

        return false;
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Touch(LinkedListNode<int> place)
    {
        var list = place.List!;
        list.Remove(place);
        if (list == _window)
        {
            _window.AddLast(place);
            return;
        }

        _protected.AddLast(place);
        if (_protected.Count > _slots.Protected)
        {
            Move(_protected, _probation);
        }
    }

    private void LeaveWindow()
    {
        var candidate = _window.First!.Value;
        if (_probation.Count + _protected.Count < _slots.Main)
        {
            Move(_window, _probation);
            return;
        }

        var victims = _probation.Count > 0 ? _probation : _protected;
        if (_frequencies.Estimate(candidate) > _frequencies.Estimate(victims.First!.Value))
        {
            Drop(victims);
            Move(_window, _probation);
        }
        else
        {
            Drop(_window);
        }
    }

    private void Drop(LinkedList<int> list)
    {
        _places.Remove(list.First!.Value);
        list.RemoveFirst();
    }

    private static void Move(LinkedList<int> from, LinkedList<int> to)
    {
        var place = from.First!;
        from.Remove(place);
        to.AddLast(place);
    }
}
