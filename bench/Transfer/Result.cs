namespace SnapshotGrains.Bench.Transfer;

/// <summary>What a load came to.</summary>
/// <param name="MbS">Megabytes a second.</param>
/// <param name="P50Us">Median time of a segment, in microseconds.</param>
internal sealed record Result(double MbS, double P50Us);
