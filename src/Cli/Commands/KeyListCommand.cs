using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>key ls</c>.</summary>
internal sealed class KeyListCommand : ServerVerb
{
    /// <summary>The command.</summary>
    public KeyListCommand(CliHost host)
        : base(host, "ls", "List the keys")
    {
        Aliases.Add("list");
        Examples = ["snapgrains key ls", "snapgrains key ls --json | jq '.[].kekId'"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.List(await server.ListKeysAsync(cancellationToken), KeyTable.Create());
}
