using Orleans.Runtime;

namespace Orleans;

/// <summary>What every grain class implements, usually through <see cref="Grain"/>.</summary>
public interface IGrainBase
{
    /// <summary>The activation that this instance belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first call; an exception fails the activation and every waiting call.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs after the last call, unless the silo died.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
