using SnapshotGrains.Cli.Output;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary>How nodes are shown.</summary>
internal static class NodeTable
{
    /// <summary>A row per silo.</summary>
    public static Table<NodeInfo> Create() => new Table<NodeInfo>(node => node.Name)
        .Text("STATE", node => node.State == NodeState.Active ? "active" : "draining")
        .Figure("CACHED", node => ByteSize.Approximate(node.Cache.UsedBytes))
        .Figure("BUDGET", node => ByteSize.Approximate(node.Cache.BudgetBytes))
        .Figure("SEGMENTS", node => Shares.Count(node.Cache.Segments))
        .Figure("HITS", node => Shares.Percent(node.Cache.Hits, node.Cache.Hits + node.Cache.Misses))
        .Figure("EVICTED", node => Shares.Count(node.Cache.Evictions))
        .Figure("FETCHED", node => ByteSize.Approximate(node.Origin.BytesFetched))
        .Figure("FAILED", node => Shares.Count(node.Origin.Failures))
        .Figure("CORRUPT", node => Shares.Count(node.Origin.DigestMismatches))
        .Text("STARTED", node => Times.Format(node.StartedAt));
}
