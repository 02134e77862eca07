using Orleans;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>What the replica catalog stores.</summary>
[GenerateSerializer, Alias("snapgrains.ReplicaCatalogState")]
public sealed class ReplicaCatalogState : StampedState
{
    /// <summary>The replicas by their written form.</summary>
    [Id(0)]
    public Dictionary<string, ReplicaRecord> Replicas { get; set; } = new(StringComparer.Ordinal);
}
