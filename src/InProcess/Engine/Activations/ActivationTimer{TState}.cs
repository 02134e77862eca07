using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Activations;

/// <inheritdoc />
internal sealed class ActivationTimer<TState>(
    Activation activation,
    Func<TState, CancellationToken, Task> callback,
    TState state,
    GrainTimerCreationOptions options)
    : ActivationTimer(activation, options)
{
    protected override Task InvokeAsync(CancellationToken cancellationToken) => callback(state, cancellationToken);
}
