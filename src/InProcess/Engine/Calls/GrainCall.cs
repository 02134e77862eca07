using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>One call from its sender to an activation and its answer back.</summary>
internal abstract partial class GrainCall : ActivationWork, IThreadPoolWorkItem
{
    // A call that meets so many ended activations in a row is refused rather than passed around for ever.
    private const int MaxForwards = 8;

    private readonly CallDetails _details;
    private readonly Guid _reentrancyId;
    private int _forwards;
    private Activation? _runner;
    private CancellationTokenSource? _calleeCancellation;
    private CancellationTokenRegistration _registration;
    private int _cancelRequested;

    protected GrainCall(in CallDetails details)
    {
        _details = details;
        Context = RequestContext.Data;
        if (Context is not null && Context.TryGetValue(RequestContext.ReentrancyKey, out var id) && id is Guid chain)
        {
            _reentrancyId = chain;
        }
    }

    // Links within the sender's list of calls without an answer.
    internal GrainCall? NextPending { get; set; }

    internal GrainCall? PreviousPending { get; set; }

    internal PendingCalls.Stripe? Pending { get; set; }

    public GrainMethod Method => _details.Method;

    public object?[] Arguments => _details.Arguments;

    public GrainId Target => _details.Target;

    public Sender Sender => _details.Sender;

    public Activation? Source => _details.Source;

    public object Reference => _details.Reference;

    public Dictionary<string, object>? Context { get; }

    /// <summary>The outgoing filters' run around this call.</summary>
    public Task Filtering { get; set; } = Task.CompletedTask;

    /// <summary>The search for an activation.</summary>
    public Task Placement { get; set; } = Task.CompletedTask;

    /// <summary>When it was sent, in ticks of the time provider.</summary>
    public long Sent { get; set; }

    public override bool AlwaysInterleaves => Method.AlwaysInterleaves;

    public override bool IsReadOnly => Method.IsReadOnly;

    public override Guid ReentrancyId => _reentrancyId;

    public override bool KeepsAlive => true;

    public override bool IsAbandoned => IsAnswered && !Method.IsOneWay;

    public abstract bool IsAnswered { get; }

    /// <summary>What the interface method returns: a task or value task.</summary>
    public abstract object? Result { get; }

    /// <summary>The result as an object once it has come.</summary>
    public abstract Task<object?> Completion { get; }

    /// <summary>Prepares cancellation: the callee gets a token of its own, cancelled when the caller's is.</summary>
    public bool Begin()
    {
        if (Method.TokenIndex < 0)
        {
            return true;
        }

        var token = (CancellationToken)Arguments[Method.TokenIndex]!;
        if (token.IsCancellationRequested)
        {
            return !TryCancel(token);
        }

        if (Method.IsOneWay)
        {
            // Its sender has let go of it once it is sent.
            Arguments[Method.TokenIndex] = CancellationToken.None;
            return true;
        }

        if (token.CanBeCanceled || Sender.CancelsOnTimeout)
        {
            _calleeCancellation = new();
            Arguments[Method.TokenIndex] = _calleeCancellation.Token;
            _registration = token.UnsafeRegister(
                static (state, cancelled) => ((GrainCall)state!).OnCallerCancelled(cancelled), this);
        }

        return true;
    }

    /// <summary>Places and delivers the call, on a thread of the work queue.</summary>
    void IThreadPoolWorkItem.Execute() => Sender.Cluster.BeginPlacement(this);

    public override Task? Run(Activation activation)
    {
        // Written before the flag is read, while a cancellation does the reverse: one of the two sees the other.
        Interlocked.Exchange(ref _runner, activation);
        if (Volatile.Read(ref _cancelRequested) != 0)
        {
            Cancel(activation);
        }

        RequestContext.Data = Context;
        return activation.Silo.IncomingFilters.IsEmpty(activation)
            ? Invoke(activation)
            : activation.Silo.IncomingFilters.RunAsync(this, activation);
    }

    public Task? Invoke(Activation activation) => ToTask(Method.Invoke(activation.GrainInstance!, Arguments));

    /// <summary>Runs the method for a filter, which sees the result as an object.</summary>
    public abstract Task<object?> InvokeForResultAsync(Activation activation);

    public override void Ended(Task? task, Exception? exception)
    {
        _registration.Unregister();
        Sender.Cluster.Delivery.Answer(this, task, exception);
    }

    public override void Reject(Exception exception)
    {
        _registration.Unregister();
        Fail(exception);
    }

    public override void Forward()
    {
        if (IsAbandoned)
        {
            return;
        }

        if (++_forwards > MaxForwards)
        {
            Reject(new OrleansMessageRejectionException(
                $"Forwarding failed: {this} met {MaxForwards} activations that were ending. Rejecting now."));
            return;
        }

        Sender.Cluster.Route(this);
    }

    /// <summary>The answer has not come in time.</summary>
    public void TimeOut(TimeSpan limit, TimeSpan elapsed)
    {
        _registration.Unregister();
        Fail(new TimeoutException(
            $"Response did not arrive on time in {limit} for message: {this}. It was sent {elapsed} ago."));
        if (Sender.CancelsOnTimeout)
        {
            CancelCallee();
        }
    }

    /// <summary>Gives the caller the outcome of the callee's task.</summary>
    public abstract void Complete(Task? task, Exception? exception);

    public abstract void Fail(Exception exception);

    /// <summary>The caller does not wait for the outcome.</summary>
    public abstract void CompleteOneWay();

    /// <summary>The same call again, for sending within a filter.</summary>
    public GrainCall Copy() => Method.CreateCall([.. Arguments], Target, Sender, Source, Reference);

    public override string ToString() =>
        $"[{Method} on {Target} from {Source?.GrainId.ToString() ?? Sender.ToString()}]";

    protected abstract bool TryCancel(CancellationToken token);

    protected abstract Task? ToTask(object? returned);

    private void OnCallerCancelled(CancellationToken token)
    {
        if (!Sender.WaitsForCancellation || Volatile.Read(ref _runner) is null)
        {
            TryCancel(token);
        }

        CancelCallee();
    }

    // As a turn of the callee, since callbacks that its code registered run here.
    private void CancelCallee()
    {
        Interlocked.Exchange(ref _cancelRequested, 1);
        if (_calleeCancellation is not null && Volatile.Read(ref _runner) is { } activation)
        {
            activation.Scheduler.Post(static state => ((GrainCall)state!).Cancel(Activation.Current!), this);
        }
    }

    private void Cancel(Activation activation)
    {
        try
        {
            _calleeCancellation?.Cancel();
        }
        catch (AggregateException exception)
        {
            // The callee's callbacks threw; its caller cannot do anything about that.
            LogCancellationFailed(activation.Silo.Logger, this, exception);
        }
    }
}
