namespace SnapshotGrains.Bench.Eviction;

/// <summary>Guests that are up and running.</summary>
internal static class Mixes
{
    private const int Segments = 20_000;
    private const int Uses = 600_000;

    /// <summary>Some segments are used much more than others.</summary>
    public static Workload Skewed(double exponent, int seed)
    {
        var zipf = new Zipf(Segments, exponent, new Random(seed));
        return new Workload(
            $"zipf {exponent:0.0}", Segments, [.. Enumerable.Range(0, Uses).Select(_ => new Access(zipf.Next(), false))]);
    }

    /// <summary>The same, while one clone reads all of an image that nobody else needs, over and over.</summary>
    public static Workload Scanned(double exponent, int seed)
    {
        var zipf = new Zipf(Segments, exponent, new Random(seed));
        return new Workload(
            $"zipf {exponent:0.0} + scan",
            Segments,
            [.. Enumerable.Range(0, 2 * Uses).Select(i => i % 2 == 0
                ? new Access(zipf.Next(), IsScan: false)
                : new Access(Segments + (i / 2 % Segments), IsScan: true))]);
    }

    /// <summary>One guest that reads the same in turns: what does not fit as a whole is lost on LRU.</summary>
    public static Workload Loop() => new(
        "loop", Segments, [.. Enumerable.Range(0, Uses).Select(i => new Access(i % Segments, false))]);
}
