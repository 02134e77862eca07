using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

/// <summary>Activates when the gate named like its key opens.</summary>
public sealed class SlowGrain : Grain, IFailingGrain, IDisposable
{
    private string _key = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = this.GetPrimaryKeyString();
        return Gate.Of(_key).PassAsync(cancellationToken);
    }

    public Task<string> AnswerAsync() => Task.FromResult("slow");

    public void Dispose() => Gate.Of(_key + "-disposed").Touch();
}
