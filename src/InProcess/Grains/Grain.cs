using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace Orleans;

/// <summary>Base class of grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation _activation;

    /// <summary>Binds the instance to the activation that is being constructed.</summary>
    protected Grain()
    {
        _activation = Activation.Constructing ?? throw new InvalidOperationException(
            $"{GetType().FullName} was constructed outside of an activation; get a reference from IGrainFactory.");
    }

    /// <inheritdoc />
    public IGrainContext GrainContext => _activation;

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => _activation.Silo.GrainFactory;

    /// <summary>The services of this activation's scope.</summary>
    protected internal IServiceProvider ServiceProvider => _activation.ActivationServices;

    /// <summary>The grain id as text.</summary>
    public string IdentityString => _activation.GrainId.ToString();

    /// <summary>The silo of this activation, as text.</summary>
    public string RuntimeIdentity => _activation.Silo.Address.ToString();

    /// <summary>Deactivates this activation once the calls that it is running have ended.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>
    /// Deactivates this activation once the calls that it is running have ended; those that wait go where the placement
    /// director now places it.
    /// </summary>
    protected void MigrateOnIdle() => _activation.Deactivate(
        new(DeactivationReasonCode.Migrating, $"{nameof(MigrateOnIdle)} was called."));

    /// <summary>Keeps this activation from being collected for a time.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => _activation.DelayDeactivation(timeSpan);

    /// <inheritdoc cref="IGrainBase.OnActivateAsync" />
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc cref="IGrainBase.OnDeactivateAsync" />
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
