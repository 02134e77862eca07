using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Replicas;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>replica ls</c>.</summary>
internal sealed class ReplicaListCommand : ServerVerb
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("Only those of this snapshot");

    /// <summary>The command.</summary>
    public ReplicaListCommand(CliHost host)
        : base(host, "ls", "List the replicas, and how much of each is there")
    {
        Aliases.Add("list");
        _snapshot.Arity = ArgumentArity.ZeroOrOne;
        Arguments.Add(_snapshot);
        Examples =
        [
            "snapgrains replica ls",
            "snapgrains replica ls debian@v1 --json | jq '.[] | .state'",
            "snapgrains replica ls debian@v1 -q | xargs -L 1 snapgrains replica rm",
        ];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.List(
            await server.ListReplicasAsync(arguments.GetValue(_snapshot), cancellationToken), ReplicaTable.Create());
}
