using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>key rm</c>.</summary>
internal sealed class KeyRemoveCommand : ServerVerb
{
    private readonly Argument<string[]?> _keys = new("KEY")
    {
        Description = "The keys to forget",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ValueParser.KeyNames,
    };

    /// <summary>The command.</summary>
    public KeyRemoveCommand(CliHost host)
        : base(host, "rm", "Forget keys that are revoked, or that nothing is encrypted under")
    {
        Arguments.Add(_keys);
        Examples = ["snapgrains key rm tenant-7"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var keys = arguments.GetRequiredValue(_keys)!;
        foreach (var key in keys)
        {
            await server.RemoveKeyAsync(key, cancellationToken);
        }

        output.Confirm(new Removed(keys), removed => removed.Names.Count == 1
            ? $"Removed {removed.Names[0]}."
            : $"Removed {removed.Names.Count} keys.");
    }
}
