using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

/// <summary>A stage of its life that never ends, whatever its token says.</summary>
public sealed class StuckGrain : Grain, IFailingGrain
{
    public StuckGrain(IGrainContextAccessor accessor) => accessor.GrainContext.ObservableLifecycle.Subscribe(
        nameof(StuckGrain), GrainLifecycleStage.SetupState, static _ => new TaskCompletionSource().Task);

    public Task<string> AnswerAsync() => Task.FromResult("never");
}
