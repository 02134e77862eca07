using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>clone</c>.</summary>
internal sealed class CloneCommand : ServerVerb
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The snapshot to clone");
    private readonly Argument<string[]?> _disks = CommonArguments.Disks("The new disks' names");

    /// <summary>The command.</summary>
    public CloneCommand(CliHost host)
        : base(host, "clone", "Create disks that start with a snapshot's content, at once and without copying it")
    {
        Arguments.Add(_snapshot);
        Arguments.Add(_disks);
        Examples =
        [
            "snapgrains clone debian@v1 vm1",
            "snapgrains clone debian@v1 ci-{1..100}",
            "snapgrains --server http://node7:8080 clone debian@v1 vm1 --json",
        ];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var snapshot = arguments.GetRequiredValue(_snapshot)!;
        var names = arguments.GetRequiredValue(_disks)!;
        var started = Host.Time.GetTimestamp();
        var disks = await server.CloneAsync(snapshot, names, HydrationMode.Background, cancellationToken);
        var took = DurationText.Format(Host.Time.GetElapsedTime(started));
        output.Confirm(disks, made => made.Count == 1
            ? $"Cloned {snapshot} to {made[0].Name} ({ByteSize.Approximate(made[0].SizeBytes)}) in {took}."
            : $"Cloned {snapshot} to {made.Count} disks in {took}.");
    }
}
