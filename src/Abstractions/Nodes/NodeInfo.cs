using Orleans;

namespace SnapshotGrains;

/// <summary>A silo: a cache node of the cluster.</summary>
/// <param name="Name">The silo's name.</param>
/// <param name="Address">Its address in the cluster.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Cache">Its segment cache.</param>
/// <param name="Origin">What it fetched from the image center.</param>
/// <param name="Derivation">What it made of that for derived replicas.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.NodeInfo")]
public sealed record NodeInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] string Address,
    [property: Id(2)] DateTimeOffset StartedAt,
    [property: Id(3)] CacheInfo Cache,
    [property: Id(4)] OriginInfo Origin,
    [property: Id(5)] DerivationInfo Derivation);
