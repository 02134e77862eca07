using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Segments;

/// <summary>
/// How much of each segment went to other processes of late: what goes out most is to have copies elsewhere, until it
/// has cooled down. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class HotSegments(TimeProvider time)
{
    /// <summary>Bytes, halved every <see cref="HalfLife"/>, that earn a segment a copy each.</summary>
    public const long BytesPerCopy = 32 << 20;

    /// <summary>In what time half of what was sent is forgotten.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(5);

    /// <summary>Segments that are kept in mind; about half a MiB.</summary>
    private const int MaxSegments = 8192;

    /// <summary>What has sent less than this is as good as cold.</summary>
    private const long ColdBytes = BytesPerCopy / 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Heat> _heats = [];

    /// <summary>Segments that are kept in mind now.</summary>
    public int Tracked
    {
        get
        {
            lock (_gate)
            {
                return _heats.Count;
            }
        }
    }

    /// <summary>Counts bytes that are asked for, and says how many copies the segment is to have.</summary>
    public int Count(in Digest digest, int bytes)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var heat = BytesAt(_heats.GetValueOrDefault(digest), now) + bytes;
            if (_heats.Count >= MaxSegments && !_heats.ContainsKey(digest))
            {
                ForgetCold(now);
            }

            _heats[digest] = new Heat(heat, now);
            return (int)(heat / BytesPerCopy);
        }
    }

    /// <summary>If all are warm, all begin anew: what is really hot is hot again within seconds.</summary>
    private void ForgetCold(long now)
    {
        foreach (var (digest, heat) in _heats)
        {
            if (BytesAt(heat, now) < ColdBytes)
            {
                _heats.Remove(digest);
            }
        }

        if (_heats.Count >= MaxSegments)
        {
            _heats.Clear();
        }
    }

    private double BytesAt(Heat heat, long now) =>
        heat.Bytes * Math.Pow(2, -time.GetElapsedTime(heat.At, now).TotalSeconds / HalfLife.TotalSeconds);

    private readonly record struct Heat(double Bytes, long At);
}
