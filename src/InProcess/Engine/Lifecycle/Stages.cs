using Orleans;

namespace SnapshotGrains.InProcess.Lifecycle;

/// <summary>Runs observers stage by stage up, and those that were started stage by stage down.</summary>
internal abstract class Stages : ILifecycleObservable
{
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new Subscription(this, stage, observer);
        lock (_lock)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in ByStage().OrderBy(group => group.Key))
        {
            foreach (var subscription in stage)
            {
                subscription.Started = true;
            }

            await Task.WhenAll(stage.Select(subscription => subscription.Observer.OnStart(cancellationToken)));
            HighestCompletedStage = stage.Key;
        }
    }

    /// <summary>Stops every started stage, whatever fails on the way; then throws the first failure.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        List<Exception> failures = [];
        foreach (var stage in ByStage().OrderByDescending(group => group.Key))
        {
            foreach (var subscription in stage.Where(subscription => subscription.Started))
            {
                subscription.Started = false;
                try
                {
                    await subscription.Observer.OnStop(cancellationToken);
                }
                catch (Exception exception)
                {
                    failures.Add(exception);
                }
            }

            LowestStoppedStage = stage.Key;
        }

        if (failures.Count > 0)
        {
            throw new AggregateException("Stopping failed in part.", failures);
        }
    }

    private IGrouping<int, Subscription>[] ByStage()
    {
        lock (_lock)
        {
            return [.. _subscriptions.GroupBy(subscription => subscription.Stage)];
        }
    }

    private sealed class Subscription(Stages owner, int stage, ILifecycleObserver observer) : IDisposable
    {
        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public bool Started { get; set; }

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._subscriptions.Remove(this);
            }
        }
    }
}
