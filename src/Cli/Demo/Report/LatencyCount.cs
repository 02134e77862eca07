namespace SnapshotGrains.Cli.Demo;

/// <summary>How long reads of one kind took.</summary>
/// <param name="Reads">How many.</param>
/// <param name="P50">Half of them took no longer, in seconds.</param>
/// <param name="P99">99 of 100.</param>
/// <param name="P999">999 of 1,000.</param>
/// <param name="Longest">All of them.</param>
internal sealed record LatencyCount(int Reads, double P50, double P99, double P999, double Longest)
{
    /// <summary>Sums up latencies.</summary>
    public static LatencyCount Of(Latencies all) => new(
        all.Count, all.Percentile(50).TotalSeconds, all.Percentile(99).TotalSeconds,
        all.Percentile(99.9).TotalSeconds, all.Percentile(100).TotalSeconds);
}
