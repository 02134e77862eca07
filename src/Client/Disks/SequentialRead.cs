using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>One read that goes through a snapshot in order. Not thread-safe.</summary>
internal sealed class SequentialRead
{
    private long _until;
    private int _window;

    /// <summary>A read that has come to its first segment.</summary>
    public SequentialRead(SegmentMap map, long number) => Next = _until = map.NextData(number + 1);

    /// <summary>The segment that it would touch next.</summary>
    public long Next { get; private set; }

    /// <summary>Requests that it came with, fewer after a jump.</summary>
    public int Touches { get; private set; } = 1;

    /// <summary>Segments that it came through, fewer after a jump.</summary>
    public long Segments { get; private set; } = 1;

    /// <summary>Whether a touch of a segment belongs to it: one of the next, or one that it has just passed.</summary>
    public bool IsAt(long number, int reorder) =>
        number >= Next - Math.Max(reorder, _window) && number <= Next + reorder;

    /// <summary>It has come to a segment; what it left out on the way counts against it.</summary>
    public void Advance(SegmentMap map, long number, bool isLast)
    {
        var skipped = 0;
        for (; Next < number; Next = map.NextData(Next + 1))
        {
            skipped++;
        }

        Touches = Math.Max(1, Touches + (isLast ? 1 : 0) - skipped);
        Segments = Math.Max(1, Segments + 1 - (skipped * skipped));
        Next = map.NextData(number + 1);
        _until = Math.Max(_until, Next);
    }

    /// <summary>What to load to be so many segments ahead: nothing while it is half as many still.</summary>
    public IReadOnlyList<long> Extend(SegmentMap map, int window)
    {
        _window = window;
        var unread = Unread(map);
        var ahead = new List<long>();
        if (unread > window / 2)
        {
            return ahead;
        }

        for (; unread + ahead.Count < window && _until < map.SegmentCount; _until = map.NextData(_until + 1))
        {
            ahead.Add(_until);
        }

        return ahead;
    }

    /// <summary>Segments that it is ahead.</summary>
    public int Unread(SegmentMap map)
    {
        var count = 0;
        for (var n = Next; n < _until; n = map.NextData(n + 1))
        {
            count++;
        }

        return count;
    }
}
