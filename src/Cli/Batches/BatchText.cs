using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Batches;

/// <summary>How batch clones are put in words.</summary>
internal static class BatchText
{
    private const int MaxListed = 20;

    /// <summary>An operation's state in the glossary's words.</summary>
    public static string StateOf(BatchClone batch) => batch.State switch
    {
        BatchCloneState.Running => "running",
        BatchCloneState.Succeeded => "succeeded",
        BatchCloneState.PartlyFailed => "partly failed",
        BatchCloneState.Cancelled => "cancelled",
        _ => batch.State.ToString(),
    };

    /// <summary>Which disks, as <c>vm-1 … vm-100</c>; how many where listings leave the names out.</summary>
    public static string DisksOf(BatchClone batch) => batch.Spec.Prefix.Length > 0 && batch.Spec.Count > 0
        ? $"{batch.Spec.NameAt(0)} … {batch.Spec.NameAt(batch.Spec.Count - 1)}"
        : $"{Shares.Count(batch.Total)} by name";

    /// <summary>How far it is.</summary>
    public static WorkState ProgressOf(BatchClone batch) => new(
        batch.Total == 0 ? 1 : (double)(batch.Created + batch.Failed) / batch.Total,
        $"{Shares.Count(batch.Created)} of {Shares.Count(batch.Total)} disks"
        + (batch.Failed > 0 ? $", {Shares.Count(batch.Failed)} failed" : "")
        + (batch.Problem is { } problem ? $" ({problem})" : ""));

    /// <summary>A line for each disk that could not be created, the first of them.</summary>
    public static IEnumerable<string> LinesOf(BatchReport report)
    {
        foreach (var failure in report.Failures.Take(MaxListed))
        {
            yield return $"{failure.Disk}: {failure.Problem}";
        }

        if (report.Failures.Count > MaxListed)
        {
            yield return $"… and {report.Failures.Count - MaxListed} more; "
                + $"'snapgrains batch info {report.Batch.Id} --json' has all of them.";
        }
    }
}
