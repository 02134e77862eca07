using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Reads that wait, by priority and then in order. Not thread-safe.</summary>
internal sealed class ReadQueue
{
    private readonly LinkedList<PendingRead>[] _lanes = [new(), new(), new(), new()];
    private readonly Dictionary<(PackId Pack, long Offset), PendingRead> _byStart = [];

    public int Count { get; private set; }

    /// <summary>The first of a priority; null when none waits.</summary>
    public PendingRead? First(FetchPriority priority) => _lanes[(int)priority].First?.Value;

    /// <summary>Adds a read.</summary>
    /// <param name="read">The read.</param>
    /// <param name="isFirst">Before those that wait for the same reason: it goes on where it was.</param>
    public void Add(PendingRead read, bool isFirst)
    {
        var lane = _lanes[(int)read.Priority];
        read.Place = isFirst ? lane.AddFirst(read) : lane.AddLast(read);
        if (!read.IsAlone)
        {
            _byStart.TryAdd((read.Pack, read.Offset), read);
        }

        Count++;
    }

    /// <summary>Takes a read out; false when it does not wait.</summary>
    public bool Remove(PendingRead read)
    {
        if (read.Place is not { } place)
        {
            return false;
        }

        place.List!.Remove(place);
        read.Place = null;
        if (_byStart.TryGetValue((read.Pack, read.Offset), out var first) && first == read)
        {
            _byStart.Remove((read.Pack, read.Offset));
        }

        Count--;
        return true;
    }

    /// <summary>Takes a read out with those that follow it in its pack without a gap, up to so many bytes.</summary>
    public List<PendingRead> Take(PendingRead head, long maxBytes)
    {
        Remove(head);
        var reads = new List<PendingRead> { head };
        var end = head.Offset + head.Length;
        while (!head.IsAlone && _byStart.TryGetValue((head.Pack, end), out var next)
            && end + next.Length - head.Offset <= maxBytes)
        {
            Remove(next);
            reads.Add(next);
            end += next.Length;
        }

        return reads;
    }
}
