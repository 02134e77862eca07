using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Batches;

/// <summary>Prints what became of a batch clone that <c>clone</c> started.</summary>
internal static class BatchOutcome
{
    /// <summary>Prints it.</summary>
    /// <exception cref="SnapshotGrainsException">Some disks could not be created, or it was cancelled.</exception>
    public static void Print(VerbOutput output, BatchReport report, TimeSpan took)
    {
        var batch = report.Batch;
        output.Confirm(report, _ => Sentence(batch, took));
        if (!output.IsJson)
        {
            foreach (var line in BatchText.LinesOf(report))
            {
                output.Console.Error.WriteLine(line);
            }
        }

        if (batch.State == BatchCloneState.Cancelled)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse,
                $"Batch clone '{batch.Id}' was cancelled; {Shares.Count(batch.Created)} disks were made and stay.");
        }

        if (batch.State == BatchCloneState.PartlyFailed)
        {
            // Without a problem of the operation itself, the disks' names were taken.
            throw new SnapshotGrainsException(
                batch.Problem is null ? ErrorCode.AlreadyExists : ErrorCode.Internal,
                $"{Shares.Count(batch.Failed)} of {Shares.Count(batch.Total)} disks could not be created"
                + $"{(batch.Problem is { } problem ? $": {problem}" : ".")}");
        }
    }

    private static string Sentence(BatchClone batch, TimeSpan took) => batch.State switch
    {
        BatchCloneState.Running =>
            $"Batch clone '{batch.Id}' runs: {BatchText.ProgressOf(batch).Text}. "
            + $"'snapgrains batch info {batch.Id}' shows how far it is.",
        BatchCloneState.Succeeded =>
            $"Cloned {batch.Spec.Snapshot} to {Shares.Count(batch.Created)} disks, {BatchText.DisksOf(batch)}, in "
            + $"{DurationText.Format(took)} (batch clone '{batch.Id}').",
        _ => $"Batch clone '{batch.Id}' has ended: {BatchText.ProgressOf(batch).Text}.",
    };
}
