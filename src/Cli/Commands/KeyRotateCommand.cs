using System.CommandLine;
using System.CommandLine.Parsing;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>key rotate</c>.</summary>
internal sealed class KeyRotateCommand : ServerVerb
{
    private readonly Argument<string?> _key = new("KEY")
    {
        Description = "The key's name; or use --all",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ValueParser.KeyName,
    };

    private readonly Option<bool> _all = new("--all")
    {
        Description = "All active keys, with one write: all of them or none",
    };

    /// <summary>The command.</summary>
    public KeyRotateCommand(CliHost host)
        : base(host, "rotate", "Wrap keys anew, under the silo's current key-encryption key; data is not touched")
    {
        Arguments.Add(_key);
        Options.Add(_all);
        Validators.Add(CheckChoice);
        Examples = ["snapgrains key rotate tenant-7", "snapgrains key rotate --all"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var rewrapped = await server.RotateKeysAsync(arguments.GetValue(_key), cancellationToken);
        output.Confirm(new KeyRotation(rewrapped), rotation => rotation.Rewrapped switch
        {
            0 => "Nothing to do: wrapped under the current key-encryption key already.",
            1 => "Wrapped 1 key anew.",
            _ => $"Wrapped {Shares.Count(rotation.Rewrapped)} keys anew.",
        });
    }

    private void CheckChoice(CommandResult result)
    {
        var hasKey = result.GetResult(_key) is { Tokens.Count: > 0 };
        if (hasKey == result.GetResult(_all) is { Implicit: false })
        {
            result.AddError(hasKey ? "name a key or say --all, not both" : "name a key, or say --all");
        }
    }
}
