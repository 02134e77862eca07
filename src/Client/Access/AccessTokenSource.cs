using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SnapshotGrains.Client;

/// <summary>
/// Where an <see cref="AccessToken"/> is read from: <c>file:PATH</c>, <c>env:NAME</c> or <c>command:PROGRAM ARGS</c>.
/// </summary>
public sealed class AccessTokenSource
{
    /// <summary>What a source looks like, for messages and help texts.</summary>
    public const string Rule = SecretSource.Rule;

    private readonly SecretSource _source;

    private AccessTokenSource(SecretSource source) => _source = source;

    /// <summary>Reads a source; false when it is not of one of the forms of <see cref="Rule"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AccessTokenSource? source)
    {
        source = SecretSource.TryParse(text, out var secret) ? new AccessTokenSource(secret) : null;
        return source is not null;
    }

    /// <summary>A file that holds a token and, if need be, a newline.</summary>
    public static AccessTokenSource OfFile(string path) => new(new FileSecretSource(path));

    /// <summary>Reads the token; white space at its end does not count.</summary>
    /// <param name="time">The clock of a command's deadline.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: it says why.</exception>
    public async Task<AccessToken> ReadAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await _source.ReadAsync(Decode, time, cancellationToken).ConfigureAwait(false);
        }
        catch (UnreadableSecretException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"The access token of {this} cannot be read: {error.Message}.", error);
        }
    }

    /// <summary>The source without what may be secret in it; a token itself never is.</summary>
    public override string ToString() => _source.ToString();

    private static AccessToken Decode(ReadOnlySpan<byte> bytes, bool isText) =>
        AccessToken.TryParse(Encoding.Latin1.GetString(bytes.TrimEnd(" \t\r\n"u8)), out var token)
            ? token
            : throw new UnreadableSecretException($"it is not {AccessToken.Rule}");
}
