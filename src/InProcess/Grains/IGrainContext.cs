namespace Orleans.Runtime;

/// <summary>An activation: the in-memory life of a grain.</summary>
public interface IGrainContext
{
    /// <summary>The grain.</summary>
    GrainId GrainId { get; }

    /// <summary>The instance of the grain class; null until constructed.</summary>
    object? GrainInstance { get; }

    /// <summary>The services of this activation's scope.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Stages that run around activation and deactivation.</summary>
    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>Ends when the activation has been deactivated.</summary>
    Task Deactivated { get; }

    /// <summary>Starts deactivation; calls that arrive from now on go to a new activation.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
