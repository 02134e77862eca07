using SnapshotGrains.Cli.Batches;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Commands;

/// <summary>How batch clones are shown.</summary>
internal static class BatchTable
{
    /// <summary>A row per operation.</summary>
    public static Table<BatchClone> Create() => new Table<BatchClone>(batch => batch.Id)
        .Text("SNAPSHOT", batch => batch.Spec.Snapshot.ToString())
        .Text("DISKS", BatchText.DisksOf)
        .Text("STATE", BatchText.StateOf)
        .Figure("CREATED", batch => Shares.Count(batch.Created))
        .Figure("FAILED", batch => Shares.Count(batch.Failed))
        .Figure("TOTAL", batch => Shares.Count(batch.Total))
        .Text("STARTED", batch => Times.Format(batch.StartedAt));

    /// <summary>A line per fact of one.</summary>
    public static IReadOnlyList<Fact> Facts(BatchReport report)
    {
        var batch = report.Batch;
        return
        [
            new("Id", batch.Id),
            new("Snapshot", batch.Spec.Snapshot.ToString()),
            new("Disks", BatchText.DisksOf(batch)),
            new("Hydration", DiskTable.ModeOf(batch.Spec.Hydration)),
            new("State", BatchText.StateOf(batch)),
            new("Total", Shares.Count(batch.Total)),
            new("Created", Shares.Count(batch.Created)),
            new("Failed", Shares.Count(batch.Failed)),
            new("Started", Times.Format(batch.StartedAt)),
            .. batch.EndedAt is { } end ? [new Fact("Ended", Times.Format(end))] : Array.Empty<Fact>(),
            .. batch.Problem is { } problem ? [new Fact("Problem", problem)] : Array.Empty<Fact>(),
            .. BatchText.LinesOf(report).Select(line => new Fact("Not created", line)),
        ];
    }
}
