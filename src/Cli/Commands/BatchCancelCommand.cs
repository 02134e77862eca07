using System.CommandLine;
using SnapshotGrains.Cli.Batches;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>batch cancel</c>.</summary>
internal sealed class BatchCancelCommand : ServerVerb
{
    private readonly Argument<string> _id = CommonArguments.Batch();

    /// <summary>The command.</summary>
    public BatchCancelCommand(CliHost host)
        : base(host, "cancel", "Stop a batch clone; the disks that it has created stay")
    {
        Arguments.Add(_id);
        Examples = ["snapgrains batch cancel db-wave-3"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var batch = await server.CancelBatchCloneAsync(arguments.GetRequiredValue(_id), cancellationToken);
        output.Confirm(batch, now => now.State switch
        {
            BatchCloneState.Cancelled =>
                $"Cancelled '{now.Id}'; the {Shares.Count(now.Created)} disks created until then stay.",
            BatchCloneState.Running => $"'{now.Id}' stops after the disks that it is creating.",
            _ => $"'{now.Id}' had ended already: {BatchText.StateOf(now)}.",
        });
    }
}
