using Orleans;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Nodes;

/// <summary>What the catalog of nodes stores.</summary>
[GenerateSerializer, Alias("snapgrains.NodeCatalogState")]
public sealed class NodeCatalogState : StampedState
{
    /// <summary>Names of the silos that are to take nothing new.</summary>
    [Id(0)]
    public HashSet<string> Draining { get; set; } = new(StringComparer.Ordinal);
}
