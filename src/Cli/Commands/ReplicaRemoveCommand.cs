using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Replicas;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>replica rm</c>.</summary>
internal sealed class ReplicaRemoveCommand : ServerVerb
{
    private readonly ReplicaArguments _replica;

    /// <summary>The command.</summary>
    public ReplicaRemoveCommand(CliHost host)
        : base(host, "rm", "Delete a replica that no disk needs, and stop its build")
    {
        _replica = new ReplicaArguments(this);
        Examples = ["snapgrains replica rm debian@v1 1M/64K/4 tenant-a"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var replica = _replica.NameOf(arguments);
        await server.DeleteReplicaAsync(replica, cancellationToken);
        output.Confirm(
            new Removed([ReplicaText.NameOf(replica)]), removed => $"Deleted {removed.Names[0]}.");
    }
}
