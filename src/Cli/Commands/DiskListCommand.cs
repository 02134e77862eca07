using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk ls</c>.</summary>
internal sealed class DiskListCommand : ServerVerb
{
    /// <summary>The command.</summary>
    public DiskListCommand(CliHost host)
        : base(host, "ls", "List the disks")
    {
        Aliases.Add("list");
        Examples = ["snapgrains disk ls", "snapgrains disk ls --quiet | xargs snapgrains disk rm"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.List(await server.ListDisksAsync(cancellationToken), DiskTable.Create());
}
