using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

public sealed class CallbackGrain : Grain, ICallbackGrain
{
    private readonly Guid _instance = Guid.NewGuid();

    public Task StartTimerAsync(string gate)
    {
        var options = new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true };
        this.RegisterGrainTimer(
            (name, token) =>
            {
                token.Register(Throw);
                Gate.Of(name).Touch();
                return Task.CompletedTask;
            },
            gate,
            options);
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task WaitAsync(string gate, CancellationToken cancellationToken)
    {
        cancellationToken.Register(Throw);
        await Gate.Of(gate).PassAsync(cancellationToken);
    }

    public async Task NoteAsync(string gate, CancellationToken cancellationToken)
    {
        await Gate.Of(gate).PassAsync(cancellationToken);
        Gate.Of(gate + "-done").Touch();
    }

    public Task LeaveSectionTwiceAsync()
    {
        var section = RequestContext.AllowCallChainReentrancy();
        section.Dispose();
        section.Dispose();
        return Task.CompletedTask;
    }

    public Task<Guid> InstanceAsync() => Task.FromResult(_instance);

    private static void Throw() => throw new TestFailureException("a callback of the grain's code", null);
}
