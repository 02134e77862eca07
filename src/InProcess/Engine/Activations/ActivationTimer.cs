using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Activations;

/// <summary>A timer whose runs are work of its activation; never two at once.</summary>
internal abstract partial class ActivationTimer : IGrainTimer
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _timer;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private bool _running;
    private TimeSpan? _dueAfterRun;
    private bool _stopped;

    protected ActivationTimer(Activation activation, GrainTimerCreationOptions options)
    {
        activation.CheckCurrent("RegisterGrainTimer");
        Activation = activation;
        Interleaves = options.Interleave;
        KeepsAlive = options.KeepAlive;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.Time.CreateTimer(
                static state => ((ActivationTimer)state!).Fire(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }

        activation.AddTimer(this);
    }

    public Activation Activation { get; }

    public bool Interleaves { get; }

    public bool KeepsAlive { get; }

    public bool IsStopped => _stopped;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            _period = period;
            if (_running)
            {
                _dueAfterRun = dueTime;
            }
            else
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        _timer.Dispose();
        try
        {
            _disposed.Cancel();
        }
        catch (AggregateException exception)
        {
            // Callbacks of the grain's code threw: that must not stop whoever ends the timer.
            LogCancellationFailed(Activation.Silo.Logger, Activation, exception);
        }

        Activation.RemoveTimer(this);
    }

    public Task RunAsync() => InvokeAsync(_disposed.Token);

    public void Ended(Exception? exception)
    {
        if (exception is not null && !_stopped)
        {
            LogFailed(Activation.Silo.Logger, Activation, exception);
        }

        lock (_lock)
        {
            _running = false;
            if (!_stopped)
            {
                _timer.Change(_dueAfterRun ?? _period, Timeout.InfiniteTimeSpan);
                _dueAfterRun = null;
            }
        }
    }

    protected abstract Task InvokeAsync(CancellationToken cancellationToken);

    private void Fire()
    {
        lock (_lock)
        {
            if (_stopped || _running)
            {
                return;
            }

            _running = true;
        }

        if (!Activation.Receive(new TimerRun(this)))
        {
            Dispose();
        }
    }
}
