using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

public sealed class ImpatientGrain : Grain, IImpatientGrain
{
    public Task WaitAsync(string gate) => Gate.Of(gate).PassAsync();
}
