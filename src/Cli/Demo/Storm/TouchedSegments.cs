using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Demo;

/// <summary>
/// Which segments the guests have touched, kept apart from the silo's own counters: what the image center had to
/// give at least, and whether a read could expect its segments to be in the cluster already. Thread-safe.
/// </summary>
/// <param name="map">The snapshot's segments.</param>
internal sealed class TouchedSegments(SegmentMap map)
{
    private readonly HashSet<Digest> _needed = [];
    private readonly Lock _gate = new();
    private readonly bool[] _isWarm = new bool[map.SegmentCount];
    private long _neededBytes;

    /// <summary>Bytes of the distinct segments with data that were touched; equal content counts once.</summary>
    public long NeededBytes => Interlocked.Read(ref _neededBytes);

    /// <summary>How many those are.</summary>
    public int NeededSegments
    {
        get
        {
            lock (_gate)
            {
                return _needed.Count;
            }
        }
    }

    /// <summary>Whether every segment of a read was read before, or holds only zeros.</summary>
    public bool IsWarm(BootRead read)
    {
        for (var n = FirstOf(read); n <= LastOf(read); n++)
        {
            if (!Volatile.Read(ref _isWarm[n]) && !map.IsZero(n))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Notes a read that was answered.</summary>
    public void Add(BootRead read)
    {
        for (var n = FirstOf(read); n <= LastOf(read); n++)
        {
            if (!Volatile.Read(ref _isWarm[n]))
            {
                AddSegment(n);
            }
        }
    }

    private void AddSegment(long n)
    {
        lock (_gate)
        {
            if (!map.IsZero(n) && _needed.Add(map.DigestOf(n)))
            {
                _neededBytes += map.LengthOf(n);
            }
        }

        Volatile.Write(ref _isWarm[n], true);
    }

    private long FirstOf(BootRead read) => read.Offset / map.SegmentSizeBytes;

    private long LastOf(BootRead read) => (read.Offset + read.Length - 1) / map.SegmentSizeBytes;
}
