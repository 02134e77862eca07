using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Classes;
using SnapshotGrains.InProcess.Cluster;
using SnapshotGrains.InProcess.Lifecycle;
using SnapshotGrains.InProcess.Scheduling;

namespace SnapshotGrains.InProcess.Activations;

/// <summary>
/// The in-memory life of a grain. Its fields are guarded by its lock; grain code runs outside of the lock, on its
/// scheduler.
/// </summary>
internal sealed partial class Activation : IGrainContext
{
    private readonly Lock _lock = new();
    private readonly WorkList _waiting = new();
    private readonly WorkList _running = new();
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GrainStages _stages = new();
    private AsyncServiceScope? _scope;
    private ActivationState _state = ActivationState.Activating;
    private long _lastUsed;
    private long _keepUntil;

    public Activation(Silo silo, GrainClass grainClass, GrainId grainId, Dictionary<string, object>? requestContext)
    {
        Silo = silo;
        Class = grainClass;
        GrainId = grainId;
        Scheduler = new(this, silo.Cluster.WorkQueue);
        _activationContext = requestContext;
        _lastUsed = silo.Time.GetTimestamp();
        _pendingOperation = ActivateAsync;
    }

    /// <summary>The activation whose turn is running on this thread.</summary>
    public static Activation? Current => (TaskScheduler.Current as ActivationScheduler)?.Activation;

    /// <summary>The activation whose grain instance is being constructed on this thread.</summary>
    public static Activation? Constructing => Current is { GrainInstance: null } activation ? activation : null;

    public Silo Silo { get; }

    public GrainClass Class { get; }

    public ActivationScheduler Scheduler { get; }

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope?.ServiceProvider
        ?? throw new ObjectDisposedException(ToString(), "The activation has ended.");

    public IGrainLifecycle ObservableLifecycle => _stages;

    public Task Deactivated => _deactivated.Task;

    /// <summary>Throws unless the caller runs in this activation.</summary>
    public void CheckCurrent(string operation)
    {
        if (!ReferenceEquals(Current, this))
        {
            throw new InvalidOperationException(
                $"{operation} was called outside of {this}; call it from the grain's own turns.");
        }
    }

    public void DelayDeactivation(TimeSpan time)
    {
        var until = time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Silo.Time.GetTimestamp() + (long)(time.TotalSeconds * Silo.Time.TimestampFrequency);
        Volatile.Write(ref _keepUntil, until);
    }

    /// <summary>Starts deactivation if idle for the age; a zero age means its class's own.</summary>
    public void CollectIfIdle(TimeSpan age)
    {
        var limit = age;
        lock (_lock)
        {
            var now = Silo.Time.GetTimestamp();
            if (_state != ActivationState.Valid
                || _running.Count + _waiting.Count > 0
                || now < Volatile.Read(ref _keepUntil)
                || Silo.Time.GetElapsedTime(_lastUsed, now) < limit)
            {
                return;
            }
        }

        Deactivate(new(DeactivationReasonCode.ActivationIdle, $"Idle for more than {limit}."));
    }

    public override string ToString() => $"[Activation: {Silo.Address}/{GrainId} {Class.Type.Name} State={_state}]";
}
