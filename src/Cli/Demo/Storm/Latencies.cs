namespace SnapshotGrains.Cli.Demo;

/// <summary>Latencies of one kind of read. Not thread-safe: each guest has its own, merged at the end.</summary>
internal sealed class Latencies
{
    private readonly List<long> _ticks = [];
    private bool _isSorted;

    /// <summary>How many reads.</summary>
    public int Count => _ticks.Count;

    /// <summary>Adds one.</summary>
    public void Add(TimeSpan latency)
    {
        _ticks.Add(latency.Ticks);
        _isSorted = false;
    }

    /// <summary>Adds another's.</summary>
    public void Add(Latencies other)
    {
        _ticks.AddRange(other._ticks);
        _isSorted = false;
    }

    /// <summary>The latency that <paramref name="percent"/> of the reads stay within; zero without reads.</summary>
    public TimeSpan Percentile(double percent)
    {
        if (!_isSorted)
        {
            _ticks.Sort();
            _isSorted = true;
        }

        if (_ticks.Count == 0)
        {
            return TimeSpan.Zero;
        }

        // Nearest rank: the smallest value that at least that share does not exceed.
        var rank = (int)Math.Ceiling(Math.Round(percent * _ticks.Count / 100, 6));
        return TimeSpan.FromTicks(_ticks[Math.Clamp(rank, 1, _ticks.Count) - 1]);
    }
}
