using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>batch ls</c>.</summary>
internal sealed class BatchListCommand : ServerVerb
{
    /// <summary>The command.</summary>
    public BatchListCommand(CliHost host)
        : base(host, "ls", "List the batch clones that run, then those that ended last")
    {
        Aliases.Add("list");
        Examples = ["snapgrains batch ls", "snapgrains batch ls --json | jq '.[] | .state'"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.List(await server.ListBatchClonesAsync(cancellationToken), BatchTable.Create());
}
