using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Finds sequential reads among the first touches of a snapshot's segments, and says what to load ahead of them: a
/// quarter of what a read has come through already, so that one that ends was right in four fifths at least. Several
/// reads may be sequential at the same time. What was loaded in vain is a small share of what was touched, whatever the
/// readers do. Thread-safe.
/// </summary>
internal sealed class ReadAhead
{
    private const int MaxStreams = 8;
    private const int MaxSegments = 64;

    /// <summary>Fewer segments in a row come about by chance, where many guests read all over a small image.</summary>
    private const int LeastSegments = 8;

    private const int LeastTouches = 4;
    private const int AheadShare = 4;

    /// <summary>Readers with many requests in flight arrive a little out of order.</summary>
    private const int Reorder = 4;

    /// <summary>Segments that may be in vain before there is any experience, and then one of so many touched.</summary>
    private const int FreeWaste = 4;

    private const int WasteShare = 20;

    private readonly Lock _gate = new();
    private readonly List<SequentialRead> _reads = [];
    private readonly SegmentMap _map;
    private readonly int _maxWindow;
    private long _touched;
    private long _wasted;

    /// <param name="map">The snapshot.</param>
    /// <param name="maxBytes">Most bytes ahead of one read; 0: none.</param>
    public ReadAhead(SegmentMap map, long maxBytes) =>
        (_map, _maxWindow) = (map, (int)Math.Min(maxBytes / map.SegmentSizeBytes, MaxSegments));

    /// <summary>Whether anything is loaded ahead at all.</summary>
    public bool IsOn => _maxWindow > 0;

    /// <summary>Segments loaded ahead that no read came for before it ended.</summary>
    public long Wasted => Interlocked.Read(ref _wasted);

    /// <summary>A request has come to a segment that was not at hand, or that was loaded ahead.</summary>
    /// <param name="number">The segment.</param>
    /// <param name="isLast">Whether the request ends there.</param>
    /// <returns>The segments to load now, in order; all of them hold data.</returns>
    public IReadOnlyList<long> Touch(long number, bool isLast)
    {
        if (!IsOn)
        {
            return [];
        }

        lock (_gate)
        {
            if (_reads.Find(read => read.IsAt(number, Reorder)) is not { } read)
            {
                Begin(number);
                return [];
            }

            // The one that went on least lately is the first to be forgotten.
            _reads.Remove(read);
            _reads.Add(read);
            if (number < read.Next)
            {
                return [];
            }

            _touched++;
            read.Advance(_map, number, isLast);
            return isLast && IsWorthIt(read) ? read.Extend(_map, WindowOf(read)) : [];
        }
    }

    private void Begin(long number)
    {
        _touched++;
        if (_reads.Count == MaxStreams)
        {
            _wasted += _reads[0].Unread(_map);
            _reads.RemoveAt(0);
        }

        _reads.Add(new SequentialRead(_map, number));
    }

    private int WindowOf(SequentialRead read) => (int)Math.Min(_maxWindow, read.Segments / AheadShare);

    private bool IsWorthIt(SequentialRead read) => read.Touches >= LeastTouches && read.Segments >= LeastSegments
        && _wasted + _reads.Sum(other => other == read ? 0 : other.Unread(_map))
            <= FreeWaste + (_touched / WasteShare);
}
