using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>image rm</c>.</summary>
internal sealed class ImageRemoveCommand : ServerVerb
{
    private readonly Argument<SnapshotId[]?> _snapshots = new("NAME@SNAP")
    {
        Description = "The images to delete",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ValueParser.Snapshots,
    };

    private readonly Option<bool> _defer = new("--defer")
    {
        Description = "Let the deletion wait for the disks that need the image; it cannot be cloned any more",
    };

    /// <summary>The command.</summary>
    public ImageRemoveCommand(CliHost host)
        : base(host, "rm", "Delete images from the image center")
    {
        Arguments.Add(_snapshots);
        Options.Add(_defer);
        Examples = ["snapgrains image rm debian@v1", "snapgrains image rm debian@v1 debian@v2 --defer"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        List<string> gone = [];
        List<DeferredRemoval> deferred = [];
        foreach (var snapshot in arguments.GetRequiredValue(_snapshots)!)
        {
            var disks = await server.DeleteImageAsync(snapshot, arguments.GetValue(_defer), cancellationToken);
            if (disks == 0)
            {
                gone.Add(snapshot.ToString());
            }
            else
            {
                deferred.Add(new DeferredRemoval(snapshot.ToString(), disks));
            }
        }

        output.Confirm(new ImagesRemoved(gone, deferred), Sentences);
    }

    private static string Sentences(ImagesRemoved removed) => string.Join(
        Environment.NewLine,
        [
            .. removed.Names.Count > 0 ? [$"Deleted {string.Join(", ", removed.Names)}."] : Array.Empty<string>(),
            .. removed.Deferred.Select(image => image.WaitingForDisks == 1
                ? $"{image.Name} goes when the 1 disk that needs it does not any more."
                : $"{image.Name} goes when the {image.WaitingForDisks} disks that need it do not any more."),
        ]);
}
