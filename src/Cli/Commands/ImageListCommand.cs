using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>image ls</c>.</summary>
internal sealed class ImageListCommand : ServerVerb
{
    /// <summary>The command.</summary>
    public ImageListCommand(CliHost host)
        : base(host, "ls", "List the images of the image center")
    {
        Aliases.Add("list");
        Examples = ["snapgrains image ls", "snapgrains image ls --json | jq '.[].sizeBytes'"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var table = new Table<ImageInfo>(image => image.Id.ToString())
            .Figure("SIZE", image => ByteSize.Approximate(image.SizeBytes))
            .Figure("SEGMENT", image => ByteSize.Approximate(image.SegmentSizeBytes))
            .Figure("ZERO", image => Shares.Percent(image.ZeroSegments, image.Segments))
            .Figure("STORED", image => ByteSize.Approximate(image.StoredBytes))
            .Text("CREATED", image => Times.Format(image.CreatedAt));
        output.List(await server.ListImagesAsync(cancellationToken), table);
    }
}
