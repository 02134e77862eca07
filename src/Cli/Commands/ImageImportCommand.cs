using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Import;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>image import</c>.</summary>
internal sealed class ImageImportCommand : ServerVerb
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "A raw disk image, a block device, or - for standard input",
    };

    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The new image's name");

    private readonly Option<int?> _segmentSize = new("--segment-size")
    {
        Description = "Unit of placement and loading, a power of two from 64K to 16M; else the silo's default, 1M",
        HelpName = "SIZE",
        CustomParser = ValueParser.SegmentSize,
    };

    /// <summary>The command.</summary>
    public ImageImportCommand(CliHost host)
        : base(host, "import", "Upload a raw disk image to the image center")
    {
        Arguments.Add(_file);
        Arguments.Add(_snapshot);
        Options.Add(_segmentSize);
        Examples =
        [
            "snapgrains image import debian.raw debian@v1",
            "snapgrains image import debian.raw debian@v1 --segment-size 256K",
            "qemu-img convert -O raw debian.qcow2 debian.raw && snapgrains image import debian.raw debian@v1",
            "xz -dc debian.raw.xz | snapgrains image import - debian@v1",
        ];
    }

    /// <summary>An upload takes as long as it takes.</summary>
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) => null;

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var snapshot = arguments.GetRequiredValue(_snapshot)!;
        var started = Host.Time.GetTimestamp();
        var file = await ImageFile.OpenAsync(Host, arguments.GetRequiredValue(_file), cancellationToken);
        await using (file)
        {
            var image = await new TransferProgress(output, Host.Time).RunAsync(
                $"Importing {snapshot}",
                file.LengthBytes,
                async sent =>
                {
                    using var content = file.ToContent(sent);
                    return await server.ImportImageAsync(
                        snapshot, content, arguments.GetValue(_segmentSize), cancellationToken);
                });
            output.Confirm(image, made => Sentence(made, Host.Time.GetElapsedTime(started)));
        }
    }

    private static string Sentence(ImageInfo image, TimeSpan took)
    {
        var rate = ByteSize.Approximate((long)(image.SizeBytes / Math.Max(took.TotalSeconds, 0.001)));
        return $"Imported {image.Id}: {ByteSize.Approximate(image.SizeBytes)} in "
            + $"{Shares.Count(image.Segments)} segments of {ByteSize.Approximate(image.SegmentSizeBytes)} "
            + $"({Shares.Count(image.ZeroSegments)} zero), {ByteSize.Approximate(image.StoredBytes)} stored, "
            + $"in {DurationText.Format(took)} ({rate}/s).";
    }
}
