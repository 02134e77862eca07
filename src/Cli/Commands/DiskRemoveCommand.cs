using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk rm</c>.</summary>
internal sealed class DiskRemoveCommand : ServerVerb
{
    private readonly Argument<string[]?> _disks = CommonArguments.Disks("The disks to delete");

    /// <summary>The command.</summary>
    public DiskRemoveCommand(CliHost host)
        : base(host, "rm", "Delete disks")
    {
        Arguments.Add(_disks);
        Examples = ["snapgrains disk rm vm1", "snapgrains disk rm ci-{1..100}"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var disks = arguments.GetRequiredValue(_disks)!;
        foreach (var disk in disks)
        {
            await server.DeleteDiskAsync(disk, cancellationToken);
        }

        output.Confirm(new Removed(disks), removed => removed.Names.Count == 1
            ? $"Deleted {removed.Names[0]}."
            : $"Deleted {removed.Names.Count} disks.");
    }
}
