using Orleans;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Keys;

/// <summary>What the key catalog stores: keys that are wrapped, and of no use by themselves.</summary>
[GenerateSerializer, Alias("snapgrains.KeyCatalogState")]
public sealed class KeyCatalogState : StampedState
{
    /// <summary>The keys by name.</summary>
    [Id(0)]
    public Dictionary<string, KeyInfo> Keys { get; set; } = new(StringComparer.Ordinal);
}
