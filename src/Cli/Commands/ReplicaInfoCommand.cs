using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Replicas;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>replica info</c>.</summary>
internal sealed class ReplicaInfoCommand : ServerVerb
{
    private readonly ReplicaArguments _replica;

    /// <summary>The command.</summary>
    public ReplicaInfoCommand(CliHost host)
        : base(host, "info", "Describe one replica, with how far its build is")
    {
        _replica = new ReplicaArguments(this);
        Examples = ["snapgrains replica info debian@v1 1M/64K/4 tenant-a"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.Describe(
            await server.GetReplicaAsync(_replica.NameOf(arguments), cancellationToken), ReplicaTable.Facts);
}
