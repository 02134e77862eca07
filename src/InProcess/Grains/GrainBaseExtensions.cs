using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace Orleans;

/// <summary>What grain code may ask of its own activation.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Deactivates the activation once the calls that it is running have ended.</summary>
    public static void DeactivateOnIdle(this IGrainBase grain) => grain.GrainContext.Deactivate(
        new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

    /// <summary>Runs <paramref name="callback"/> as a turn of the grain, again and again.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
        RegisterGrainTimer(grain, static (action, token) => action(token), callback, options);

    /// <summary>Runs <paramref name="callback"/> as a turn of the grain, again and again.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(grain, callback, new GrainTimerCreationOptions(dueTime, period));

    /// <summary>
    /// Runs <paramref name="callback"/> as a turn of the grain, first after the due time, then a period after the end
    /// of each run. A failing callback is logged and the timer goes on.
    /// </summary>
    /// <exception cref="InvalidOperationException">The caller is not running in this grain.</exception>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain,
        Func<TState, CancellationToken, Task> callback,
        TState state,
        GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ActivationTimer<TState>((Activation)grain.GrainContext, callback, state, options);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    /// <summary>Runs <paramref name="callback"/> as a turn of the grain, again and again.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain,
        Func<TState, CancellationToken, Task> callback,
        TState state,
        TimeSpan dueTime,
        TimeSpan period) =>
        RegisterGrainTimer(grain, callback, state, new GrainTimerCreationOptions(dueTime, period));
}
