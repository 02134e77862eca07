namespace SnapshotGrains.Cli.Demo;

/// <summary>Passes a counter on to a progress display a few times a second, until it is disposed.</summary>
internal sealed class ProgressWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly ITimer _timer;

    /// <summary>Starts to watch.</summary>
    /// <param name="counter">Reads the counter.</param>
    /// <param name="show">Shows its value.</param>
    /// <param name="time">The clock.</param>
    public ProgressWatch(Func<long> counter, Action<long> show, TimeProvider time) =>
        _timer = time.CreateTimer(_ => show(counter()), null, Interval, Interval);

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();
}
