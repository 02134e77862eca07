using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>key revoke</c>.</summary>
internal sealed class KeyRevokeCommand : ServerVerb
{
    private readonly Argument<string?> _key = CommonArguments.Key("The key's name");

    private readonly Option<bool> _yes = new("--yes")
    {
        Description = "Do it; without, only say what would be lost",
    };

    /// <summary>The command.</summary>
    public KeyRevokeCommand(CliHost host)
        : base(host, "revoke", "Let nothing be read or written under a key any more, within seconds and for good")
    {
        Arguments.Add(_key);
        Options.Add(_yes);
        Examples = ["snapgrains key revoke tenant-7", "snapgrains key revoke tenant-7 --yes"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var name = arguments.GetRequiredValue(_key)!;
        if (!arguments.GetValue(_yes))
        {
            throw await WarningAsync(server, name, cancellationToken);
        }

        var key = await server.RevokeKeyAsync(name, cancellationToken);
        output.Confirm(key, now => $"Revoked {now.Ref.Name}; what is open under it is closed within seconds.");
    }

    /// <summary>No other verb takes data away that is still in use, and none is as quick.</summary>
    private static async Task<SnapshotGrainsException> WarningAsync(
        HttpControlPlane server, string name, CancellationToken cancellationToken)
    {
        var key = await server.FindKeyAsync(name, cancellationToken) ?? throw KeyCatalog.NoSuchKey(name);
        var disks = (await server.ListDisksAsync(cancellationToken)).Count(disk => disk.Key == key.Ref);
        return new SnapshotGrainsException(
            ErrorCode.BadRequest,
            $"Revoking '{name}' cannot be undone: disks encrypted under it, {Shares.Count(disks)} now, lose their data "
            + "for good. Add --yes to do it.");
    }
}
