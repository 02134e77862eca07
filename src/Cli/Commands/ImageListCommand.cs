using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

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
        var images = await server.ListImagesAsync(cancellationToken);
        if (output.IsTalkative)
        {
            images = await Task.WhenAll(images.Select(image => CountDisksAsync(server, image, cancellationToken)));
        }

        output.List(images, ImageTable.Create());
    }

    /// <summary>Listings do not count disks; of the few images that wait for theirs, people want to know.</summary>
    private static async Task<ImageInfo> CountDisksAsync(
        HttpControlPlane server, ImageInfo image, CancellationToken cancellationToken)
    {
        try
        {
            return image.IsDeleting ? await server.GetImageAsync(image.Id, cancellationToken) : image;
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return image;
        }
    }
}
