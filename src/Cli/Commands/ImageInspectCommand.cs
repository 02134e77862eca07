using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>image inspect</c>.</summary>
internal sealed class ImageInspectCommand : ServerVerb
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The image");

    /// <summary>The command.</summary>
    public ImageInspectCommand(CliHost host)
        : base(host, "inspect", "Describe one image, with the number of disks cloned from it")
    {
        Arguments.Add(_snapshot);
        Examples = ["snapgrains image inspect debian@v1", "snapgrains image inspect debian@v1 --json"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var snapshot = arguments.GetRequiredValue(_snapshot)!;
        output.Describe(await server.GetImageAsync(snapshot, cancellationToken), Facts);
    }

    private static IReadOnlyList<Fact> Facts(ImageInfo image) =>
    [
        new("Name", image.Id.ToString()),
        new("Size", $"{ByteSize.Approximate(image.SizeBytes)} ({image.SizeBytes} bytes)"),
        new("Segment size", ByteSize.Approximate(image.SegmentSizeBytes)),
        new("Segments", Shares.Count(image.Segments)),
        new("Zero segments", Shares.Count(image.ZeroSegments)),
        new("Distinct segments", Shares.Count(image.DistinctSegments)),
        new("Stored", ByteSize.Approximate(image.StoredBytes)),
        new("Created", Times.Format(image.CreatedAt)),
        new("Disks", Shares.Count(image.Disks)),
        new("State", ImageTable.StateOf(image)),
    ];
}
