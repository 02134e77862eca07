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
        Description = "The images to delete; no disk may be cloned from them",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ValueParser.Snapshots,
    };

    /// <summary>The command.</summary>
    public ImageRemoveCommand(CliHost host)
        : base(host, "rm", "Delete images from the image center")
    {
        Arguments.Add(_snapshots);
        Examples = ["snapgrains image rm debian@v1"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var snapshots = arguments.GetRequiredValue(_snapshots)!;
        foreach (var snapshot in snapshots)
        {
            await server.DeleteImageAsync(snapshot, isDeferred: false, cancellationToken);
        }

        output.Confirm(
            new Removed([.. snapshots.Select(snapshot => snapshot.ToString())]),
            removed => $"Deleted {string.Join(", ", removed.Names)}.");
    }
}
