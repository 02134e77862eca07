namespace Orleans;

/// <summary>A service that takes part in a lifecycle; found through dependency injection.</summary>
public interface ILifecycleParticipant<TLifecycleObservable>
    where TLifecycleObservable : ILifecycleObservable
{
    /// <summary>Subscribes to the stages that it needs.</summary>
    void Participate(TLifecycleObservable lifecycle);
}
