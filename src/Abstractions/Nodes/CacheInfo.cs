using Orleans;

namespace SnapshotGrains;

/// <summary>A silo's segment cache: sizes in bytes, counters since the silo started.</summary>
/// <param name="BudgetBytes">The most it may hold.</param>
/// <param name="UsedBytes">What it holds: resident, loading, and still read though evicted.</param>
/// <param name="Segments">Resident segments.</param>
/// <param name="Hits">Look-ups that found the segment resident.</param>
/// <param name="Misses">Look-ups that had to load it or wait for its load.</param>
/// <param name="Evictions">Segments dropped to make room.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.CacheInfo")]
public sealed record CacheInfo(
    [property: Id(0)] long BudgetBytes,
    [property: Id(1)] long UsedBytes,
    [property: Id(2)] long Segments,
    [property: Id(3)] long Hits,
    [property: Id(4)] long Misses,
    [property: Id(5)] long Evictions);
