using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary>What a verb shows its server, and which servers it trusts.</summary>
/// <param name="Token">The access token; null: none is shown.</param>
/// <param name="Ca">Whose certificates are trusted; null: the system's choice.</param>
internal sealed record ServerAccess(AccessToken? Token, CaCertificates? Ca)
{
    /// <summary>Holds the token itself, where no option names a source.</summary>
    public const string TokenVariable = "SNAPSHOTGRAINS_TOKEN";

    /// <summary>Names the file that holds the token, where nothing else gives it.</summary>
    public const string TokenFileVariable = $"{TokenVariable}_FILE";

    /// <summary>Names the file of root certificates, where no option does.</summary>
    public const string CaVariable = "SNAPSHOTGRAINS_CA";

    /// <summary>Reads both from the options, else from the environment.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: one cannot be read.</exception>
    public static async Task<ServerAccess> ReadAsync(
        CliHost host, ParseResult arguments, CancellationToken cancellationToken)
    {
        var ca = arguments.GetValue(host.Globals.Ca) ?? Variable(host, CaVariable);
        return new ServerAccess(
            await TokenAsync(host, arguments, cancellationToken), ca is null ? null : CaCertificates.Load(ca));
    }

    private static async Task<AccessToken?> TokenAsync(
        CliHost host, ParseResult arguments, CancellationToken cancellationToken)
    {
        if (AccessTokenSource.TryParse(arguments.GetValue(host.Globals.Token), out var source))
        {
            return await source.ReadAsync(host.Time, cancellationToken);
        }

        if (Variable(host, TokenVariable) is { } text)
        {
            return AccessToken.TryParse(text.Trim(), out var token) ? token : throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"{TokenVariable} does not hold an access token: use {AccessToken.Rule}.");
        }

        return Variable(host, TokenFileVariable) is { } path
            ? await AccessTokenSource.OfFile(path).ReadAsync(host.Time, cancellationToken)
            : null;
    }

    private static string? Variable(CliHost host, string name) =>
        host.Environment(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}
