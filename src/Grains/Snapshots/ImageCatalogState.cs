using Orleans;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>What the image catalog stores besides the image center.</summary>
[GenerateSerializer, Alias("snapgrains.ImageCatalogState")]
public sealed class ImageCatalogState
{
    /// <summary>Snapshots, as <c>name@snap</c>, that are deleted as soon as no disk needs them.</summary>
    [Id(0)]
    public HashSet<string> Deleting { get; set; } = new(StringComparer.Ordinal);
}
