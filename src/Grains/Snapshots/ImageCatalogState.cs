using Orleans;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>What the image catalog stores besides the image center.</summary>
[GenerateSerializer, Alias("snapgrains.ImageCatalogState")]
public sealed class ImageCatalogState : StampedState
{
    /// <summary>Snapshots, as <c>name@snap</c>, that are deleted as soon as no disk needs them.</summary>
    [Id(0)]
    public HashSet<string> Deleting { get; set; } = new(StringComparer.Ordinal);
}
