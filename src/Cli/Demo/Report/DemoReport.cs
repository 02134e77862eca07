using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Demo;

/// <summary>Prints what the demo found.</summary>
internal static class DemoReport
{
    /// <summary>Prints the tables and the verdict.</summary>
    public static void Write(CliConsole console, DemoResult result)
    {
        console.Out.WriteLine();
        WriteOrigin(console, result);
        console.Out.WriteLine();
        WriteLatencies(console, result);
        console.Out.WriteLine();
        WriteSilos(console, result);
        console.Out.WriteLine();
        var took = DurationText.Format(TimeSpan.FromSeconds(result.DurationSeconds));
        console.Out.WriteLine($"Engine {result.Engine}, {Shares.Count(result.Reads)} reads checked, {took} in all.");
        console.Out.WriteLine(result.BrokenPromises.Count == 0
            ? "Every promise was kept."
            : $"BROKEN: {string.Join("; ", result.BrokenPromises)}.");
        console.Out.Flush();
    }

    private static void WriteOrigin(CliConsole console, DemoResult result)
    {
        var (before, total) = (result.BeforeKill, result.Total);
        TableWriter.Write(
            console,
            [new("READS"), new("BEFORE THE KILL", true), new("IN ALL", true), new("PROMISED", true)],
            [
                ["Bytes served to guests", Size(before.BytesServed), Size(total.BytesServed), ""],
                ["Distinct bytes needed", Size(before.BytesNeeded), Size(total.BytesNeeded), ""],
                ["Fetched from the image center", Size(before.BytesFetched), Size(total.BytesFetched), ""],
                [
                    "Origin amplification", Shares.Factor(before.Amplification), Shares.Factor(total.Amplification),
                    $"1.00, then <= {Shares.Factor(result.AmplificationLimit)}",
                ],
                ["Read errors", "", Shares.Count(result.ReadErrors), "0"],
                ["Reads with a wrong byte", "", Shares.Count(result.WrongReads), "0"],
            ]);
    }

    private static void WriteLatencies(CliConsole console, DemoResult result) => TableWriter.Write(
        console,
        [
            new("LATENCY"), new("READS", true), new("P50", true), new("P99", true), new("P99.9", true),
            new("LONGEST", true),
        ],
        [
            LatencyRow("Cold: first touch of a segment", result.Cold),
            LatencyRow("Warm: segment read before", result.Warm),
            LatencyRow("All reads after the kill", result.AfterKill),
        ]);

    private static void WriteSilos(CliConsole console, DemoResult result) => TableWriter.Write(
        console,
        [
            new("SILO"), new("HIT RATIO", true), new("LOOK-UPS", true), new("SEGMENTS", true), new("CACHED", true),
            new("FETCHED", true), new("STATE"),
        ],
        [.. result.Silos.Select(SiloRow)]);

    private static string[] LatencyRow(string kind, LatencyCount count) =>
    [
        kind, Shares.Count(count.Reads), Time(count.P50), Time(count.P99), Time(count.P999), Time(count.Longest),
    ];

    private static string[] SiloRow(SiloCount silo) =>
    [
        silo.Name, Shares.Percent(silo.Hits, silo.Hits + silo.Misses), Shares.Count(silo.Hits + silo.Misses),
        Shares.Count(silo.CachedSegments), Size(silo.CachedBytes), Size(silo.BytesFetched),
        silo.WasKilled ? "killed" : "running",
    ];

    private static string Size(long bytes) => ByteSize.Approximate(bytes);

    private static string Time(double seconds) => DurationText.Format(TimeSpan.FromSeconds(seconds));
}
