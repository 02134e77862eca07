using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Batches;

/// <summary>Starts a batch clone and, if asked to, follows it to its end.</summary>
/// <param name="server">Where it runs.</param>
/// <param name="output">How to print.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchRun(HttpControlPlane server, VerbOutput output, TimeProvider time)
{
    private const int IdDigits = 12;

    /// <summary>
    /// The id to use where the user gives none: that of an operation that is making the same disks right now, so that
    /// a repeated command joins it, else a new one. An operation that has ended would do nothing again, not even make
    /// disks that were deleted since; a new one makes exactly those that are missing.
    /// </summary>
    public async Task<string> ChooseIdAsync(BatchCloneSpec spec, CancellationToken cancellationToken)
    {
        var batches = await server.ListBatchClonesAsync(cancellationToken);
        var same = batches.FirstOrDefault(batch => batch.State == BatchCloneState.Running && batch.Spec == spec);
        return same?.Id ?? $"clone-{Guid.NewGuid().ToString("n")[..IdDigits]}";
    }

    /// <summary>Starts or joins the operation.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="spec">Its disks.</param>
    /// <param name="wait">Whether to wait for its end.</param>
    /// <param name="cancellationToken">Stops to wait; the operation goes on.</param>
    public async Task<BatchClone> RunAsync(
        string id, BatchCloneSpec spec, bool wait, CancellationToken cancellationToken)
    {
        var batch = await server.StartBatchCloneAsync(id, spec, cancellationToken);
        if (!wait || batch.State != BatchCloneState.Running)
        {
            return batch;
        }

        return await new WorkProgress(output, time).RunAsync(
            $"Cloning {spec.Snapshot}",
            report => new Polling(server.Server, time).UntilAsync(
                ct => server.GetBatchCloneAsync(id, ct),
                now =>
                {
                    report(BatchText.ProgressOf(now));
                    return now.State != BatchCloneState.Running;
                },
                cancellationToken));
    }
}
