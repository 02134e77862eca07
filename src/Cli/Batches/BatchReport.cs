namespace SnapshotGrains.Cli.Batches;

/// <summary>What <c>clone --count --json</c> and <c>batch info --json</c> print.</summary>
/// <param name="Batch">The operation.</param>
/// <param name="Failures">The disks that could not be created, and why.</param>
internal sealed record BatchReport(BatchClone Batch, IReadOnlyList<BatchCloneResult> Failures);
