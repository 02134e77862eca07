using System.CommandLine;
using SnapshotGrains.Cli.Batches;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>batch info</c>.</summary>
internal sealed class BatchInfoCommand : ServerVerb
{
    private readonly Argument<string> _id = CommonArguments.Batch();

    /// <summary>The command.</summary>
    public BatchInfoCommand(CliHost host)
        : base(host, "info", "Describe one batch clone, with the disks that it could not create")
    {
        Arguments.Add(_id);
        Examples = ["snapgrains batch info db-wave-3", "snapgrains batch info db-wave-3 --json | jq .failures"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var batch = await server.GetBatchCloneAsync(arguments.GetRequiredValue(_id), cancellationToken);
        output.Describe(await BatchReader.ReportAsync(server, batch, cancellationToken), BatchTable.Facts);
    }
}
