namespace Orleans;

/// <summary>Runs at the start and stop of a stage.</summary>
public interface ILifecycleObserver
{
    /// <summary>The stage is reached on the way up.</summary>
    Task OnStart(CancellationToken cancellationToken = default);

    /// <summary>The stage is reached on the way down.</summary>
    Task OnStop(CancellationToken cancellationToken = default);
}
