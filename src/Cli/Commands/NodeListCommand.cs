using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>node ls</c>.</summary>
internal sealed class NodeListCommand : ServerVerb
{
    /// <summary>The command.</summary>
    public NodeListCommand(CliHost host)
        : base(host, "ls", "List the cluster's silos with their caches and their traffic with the image center")
    {
        Aliases.Add("list");
        Examples = ["snapgrains node ls", "snapgrains node ls --json | jq '.[].origin'"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.List(await server.ListNodesAsync(cancellationToken), NodeTable.Create());
}
