using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace SnapshotGrains.Client;

/// <summary>
/// The secret that a server shares with its clients (RFC 6750, "b64token"), 16 to 128 characters. It shows itself to
/// nobody: not as text, not in a log, not in the time that a comparison takes.
/// </summary>
public sealed class AccessToken
{
    /// <summary>A shorter one could be guessed.</summary>
    public const int MinLength = 16;

    /// <summary>A longer one is no token but a mistake, as another file.</summary>
    public const int MaxLength = 128;

    /// <summary>What a token looks like, for messages.</summary>
    public const string Rule = 
        "16 to 128 letters, digits and characters of -._~+/=, as 'openssl rand -hex 32' makes one";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private readonly string _text;
    private readonly byte[] _hash;

    private AccessToken(string text) => (_text, _hash) = (text, HashOf(text));

    /// <summary>Reads a token; false when it does not keep to <see cref="Rule"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AccessToken? token)
    {
        var isToken = text?.Length is >= MinLength and <= MaxLength && !text.AsSpan().ContainsAnyExcept(Allowed);
        token = isToken ? new AccessToken(text!) : null;
        return isToken;
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: it does not keep to
    /// <see cref="Rule"/>; the message does not show it.</exception>
    public static AccessToken Parse(string? text) => TryParse(text, out var token) ? token
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"What was given is not an access token: use {Rule}.");

    /// <summary>Whether it is the one that somebody shows, in a time that does not tell how alike they are.</summary>
    public bool Matches(string shown) => CryptographicOperations.FixedTimeEquals(HashOf(shown), _hash);

    /// <summary>The header of a request that shows it.</summary>
    public AuthenticationHeaderValue ToHeader() => new("Bearer", _text);

    /// <summary>Says that it is one, never which.</summary>
    public override string ToString() => "an access token";

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
