using Orleans;
using Orleans.Concurrency;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Grains.Segments;

namespace SnapshotGrains.Grains.Nodes;

/// <summary>Reads the counters of the silo it lives on.</summary>
[NodePlacement, Reentrant]
internal sealed class NodeGrain(CacheNode node) : Grain, INodeGrain
{
    public Task<NodeInfo> DescribeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(node.Describe(this.GetPrimaryKeyString()));
}
