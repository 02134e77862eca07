using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>key info</c>.</summary>
internal sealed class KeyInfoCommand : ServerVerb
{
    private readonly Argument<string?> _key = CommonArguments.Key("The key's name");

    /// <summary>The command.</summary>
    public KeyInfoCommand(CliHost host)
        : base(host, "info", "Describe one key; its bytes stay wrapped")
    {
        Arguments.Add(_key);
        Examples = ["snapgrains key info tenant-7", "snapgrains key info tenant-7 --json | jq -r .envelope"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var name = arguments.GetRequiredValue(_key)!;
        output.Describe(
            await server.FindKeyAsync(name, cancellationToken) ?? throw KeyCatalog.NoSuchKey(name), KeyTable.Facts);
    }
}
