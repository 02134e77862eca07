using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>Which silos take nothing new.</summary>
/// <param name="Names">Those that are to be drained, by name.</param>
/// <param name="Leaving">Those that are about to leave, by address.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.NodeDrains")]
public sealed record NodeDrains(
    [property: Id(0)] ImmutableArray<string> Names, [property: Id(1)] ImmutableArray<string> Leaving)
{
    /// <summary>None.</summary>
    public static NodeDrains None { get; } = new([], []);
}
