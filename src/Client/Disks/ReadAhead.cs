using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Finds sequential reads among the first touches of a snapshot's segments, and says what to load ahead of them: twice
/// as much whenever they go on, nothing after a jump. Several reads may be sequential at the same time. What was loaded
/// in vain is a small share of what was touched, whatever the readers do. Thread-safe.
/// </summary>
internal sealed class ReadAhead
{
    private const int MaxStreams = 8;
    private const int MaxSegments = 64;
    private const int FirstWindow = 2;

    /// <summary>Readers with many requests in flight arrive a little out of order.</summary>
    private const int Reorder = 4;

    /// <summary>Segments that may be in vain before there is any experience, and then one of so many touched.</summary>
    private const int FreeWaste = 4;

    private const int WasteShare = 25;

    private readonly Lock _gate = new();
    private readonly List<Stream> _streams = [];
    private readonly SegmentMap _map;
    private readonly int _maxWindow;
    private long _touched;
    private long _wasted;

    /// <param name="map">The snapshot.</param>
    /// <param name="maxBytes">Most bytes ahead of one read; 0: none.</param>
    public ReadAhead(SegmentMap map, long maxBytes) =>
        (_map, _maxWindow) = (map, (int)Math.Min(maxBytes / map.SegmentSizeBytes, MaxSegments));

    /// <summary>Segments loaded ahead that no read came for before it ended.</summary>
    public long Wasted => Interlocked.Read(ref _wasted);

    /// <summary>Whether anything is loaded ahead at all.</summary>
    public bool IsOn => _maxWindow > 0;

    /// <summary>A reader has come to a segment that was not at hand, or that was loaded ahead.</summary>
    /// <returns>The segments to load now, in order; all of them hold data.</returns>
    public IReadOnlyList<long> Touch(long number)
    {
        if (_maxWindow == 0)
        {
            return [];
        }

        lock (_gate)
        {
            if (Find(number) is not { } stream)
            {
                Begin(number);
                return [];
            }

            _streams.Remove(stream);
            _streams.Add(stream);
            return number < stream.Next ? [] : Advance(stream, number);
        }
    }

    /// <summary>The read that is here or close by; what it has passed belongs to it too.</summary>
    private Stream? Find(long number) => _streams.Find(
        stream => number >= stream.Next - Math.Max(Reorder, stream.Window) && number <= stream.Next + Reorder);

    private void Begin(long number)
    {
        _touched++;
        if (_streams.Count == MaxStreams)
        {
            _wasted += _streams[0].Unread(_map);
            _streams.RemoveAt(0);
        }

        _streams.Add(new Stream { Next = _map.NextData(number + 1), Until = number + 1 });
    }

    private List<long> Advance(Stream stream, long number)
    {
        _touched++;
        stream.Next = _map.NextData(number + 1);
        stream.Until = Math.Max(stream.Until, stream.Next);
        var unread = stream.Unread(_map);
        if (unread > stream.Window / 2 || (stream.Window == 0 && _wasted > FreeWaste + (_touched / WasteShare)))
        {
            return [];
        }

        stream.Window = Math.Min(_maxWindow, stream.Window == 0 ? FirstWindow : stream.Window * 2);
        return Extend(stream, stream.Window - unread);
    }

    private List<long> Extend(Stream stream, int count)
    {
        var ahead = new List<long>(count);
        for (; ahead.Count < count && stream.Until < _map.SegmentCount; stream.Until = _map.NextData(stream.Until + 1))
        {
            if (!_map.IsZero(stream.Until))
            {
                ahead.Add(stream.Until);
            }
        }

        return ahead;
    }

    /// <summary>One sequential read.</summary>
    private sealed class Stream
    {
        /// <summary>The segment that it would touch next.</summary>
        public long Next { get; set; }

        /// <summary>What is before has been loaded ahead.</summary>
        public long Until { get; set; }

        /// <summary>Segments to be ahead; 0 until it has proved sequential.</summary>
        public int Window { get; set; }

        /// <summary>Segments ahead of the read.</summary>
        public int Unread(SegmentMap map)
        {
            var count = 0;
            for (var n = Next; n < Until; n = map.NextData(n + 1))
            {
                count++;
            }

            return count;
        }
    }
}
