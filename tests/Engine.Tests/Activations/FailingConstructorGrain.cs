namespace SnapshotGrains.Engine.Tests.Activations;

public sealed class FailingConstructorGrain : Grain, IFailingGrain
{
    public FailingConstructorGrain() => throw new TestFailureException("cannot be made", null);

    public Task<string> AnswerAsync() => Task.FromResult("never");
}
