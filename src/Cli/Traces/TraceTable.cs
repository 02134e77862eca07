using System.Globalization;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Traces;

/// <summary>How traces are shown.</summary>
internal static class TraceTable
{
    /// <summary>A row per trace.</summary>
    public static Table<TraceInfo> Create() => new Table<TraceInfo>(trace => trace.Name.Profile)
        .Figure("SEGMENTS", trace => Shares.Count(trace.Segments))
        .Figure("SIZE", trace => ByteSize.Approximate(trace.Bytes))
        .Figure("LASTS", DurationOf)
        .Figure("RUNS", trace => Shares.Count(trace.Runs))
        .Figure("AGREES", AgreementOf)
        .Text("UPDATED", trace => Times.Format(trace.UpdatedAt));

    /// <summary>A line per fact of one.</summary>
    public static IReadOnlyList<Fact> Facts(TraceInfo trace) =>
    [
        new("Snapshot", trace.Name.Snapshot.ToString()),
        new("Profile", trace.Name.Profile),
        new("Segments", $"{Shares.Count(trace.Segments)} ({ByteSize.Approximate(trace.Bytes)})"),
        new("Lasts", DurationOf(trace)),
        new("Runs", $"{Shares.Count(trace.Runs)} of {Shares.Count(trace.RecordedRuns)} recorded"),
        new("Newest run agrees", AgreementOf(trace)),
        new("Updated", Times.Format(trace.UpdatedAt)),
    ];

    private static string DurationOf(TraceInfo trace) =>
        string.Create(CultureInfo.InvariantCulture, $"{trace.DurationSeconds:0.0} s");

    private static string AgreementOf(TraceInfo trace) =>
        trace.Agreement is { } share ? Shares.Percent((long)(share * 1000), 1000) : "-";
}
