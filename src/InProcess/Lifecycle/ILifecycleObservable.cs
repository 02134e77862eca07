namespace Orleans;

/// <summary>A sequence of stages to take part in.</summary>
public interface ILifecycleObservable
{
    /// <summary>Takes part in a stage, until disposed.</summary>
    IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
}
