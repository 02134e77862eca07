using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk info</c>.</summary>
internal sealed class DiskInfoCommand : ServerVerb
{
    private readonly Argument<string> _disk = new("DISK") { Description = "The disk's name" };

    /// <summary>The command.</summary>
    public DiskInfoCommand(CliHost host)
        : base(host, "info", "Describe one disk")
    {
        Arguments.Add(_disk);
        Examples = ["snapgrains disk info vm1", "snapgrains disk info vm1 --json"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var disk = await server.GetDiskAsync(arguments.GetRequiredValue(_disk), cancellationToken);
        output.Describe(disk, Facts);
    }

    private static IReadOnlyList<Fact> Facts(DiskInfo disk) =>
    [
        new("Name", disk.Name),
        new("Parent", disk.Parent.ToString()),
        new("Size", $"{ByteSize.Approximate(disk.SizeBytes)} ({disk.SizeBytes} bytes)"),
        new("Segment size", ByteSize.Approximate(disk.SegmentSizeBytes)),
        new("State", DiskTable.StateOf(disk)),
        new("Created", Times.Format(disk.CreatedAt)),
    ];
}
