using Orleans;

namespace SnapshotGrains;

/// <summary>A silo: a cache node of the cluster.</summary>
/// <param name="Name">The silo's name.</param>
/// <param name="Address">Its address in the cluster.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Cache">Its segment cache.</param>
/// <param name="Origin">What it fetched from the image center.</param>
/// <param name="Derivation">What it made of that for derived replicas.</param>
/// <param name="Endpoints">Where its process is reached; null while that starts.</param>
/// <param name="State">Whether it takes new segments and disks.</param>
/// <param name="Home">The directory that it keeps disks' blocks in; nodes that share one have the same.</param>
/// <param name="Drain">How far it is with handing over what it has; null when it was not told to.</param>
/// <param name="DiskCache">The cache on disk behind its segment cache; null if it has none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.NodeInfo")]
public sealed record NodeInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] string Address,
    [property: Id(2)] DateTimeOffset StartedAt,
    [property: Id(3)] CacheInfo Cache,
    [property: Id(4)] OriginInfo Origin,
    [property: Id(5)] DerivationInfo Derivation,
    [property: Id(6)] NodeEndpoints? Endpoints = null,
    [property: Id(7)] NodeState State = NodeState.Active,
    [property: Id(8)] Guid Home = default,
    [property: Id(9)] DrainProgress? Drain = null,
    [property: Id(10)] DiskCacheInfo? DiskCache = null);
