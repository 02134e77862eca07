namespace SnapshotGrains.Bench.Eviction;

/// <summary>Accesses, the same in each run.</summary>
/// <param name="Name">What they stand for.</param>
/// <param name="Segments">How many segments they touch, scans left out: cache sizes are shares of that.</param>
/// <param name="Accesses">In order.</param>
internal sealed record Workload(string Name, int Segments, IReadOnlyList<Access> Accesses)
{
    /// <summary>Share of uses, scans left out, that found their segment in the cache. The first third warms up.</summary>
    public double HitRatio(IPolicy policy)
    {
        var (hits, uses) = (0L, 0L);
        for (var i = 0; i < Accesses.Count; i++)
        {
            var isHit = policy.Use(Accesses[i].Segment);
            if (!Accesses[i].IsScan && i >= Accesses.Count / 3)
            {
                uses++;
                hits += isHit ? 1 : 0;
            }
        }

        return (double)hits / uses;
    }
}
