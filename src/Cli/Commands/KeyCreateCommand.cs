using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>key create</c>.</summary>
internal sealed class KeyCreateCommand : ServerVerb
{
    private readonly Argument<string?> _key = CommonArguments.Key("The new key's name");

    /// <summary>The command.</summary>
    public KeyCreateCommand(CliHost host)
        : base(host, "create", "Make a data key, wrapped under the silo's key-encryption key (silo --kek)")
    {
        Arguments.Add(_key);
        Examples = ["snapgrains key create tenant-7"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var key = await server.CreateKeyAsync(arguments.GetRequiredValue(_key)!, cancellationToken);
        output.Confirm(key, made => $"Created {made.Ref.Name}, wrapped under key-encryption key {made.KekId}.");
    }
}
