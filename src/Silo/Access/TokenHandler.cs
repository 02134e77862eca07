using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace SnapshotGrains.Silo.Access;

/// <summary>
/// Knows a caller by the access token: <c>Bearer TOKEN</c> of a program, or the password of <c>Basic</c>, which a
/// browser asks its user for. Where no token is set, everybody is known.
/// </summary>
internal sealed class TokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logging,
    UrlEncoder encoder,
    AccessTokens tokens) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logging, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "Token";

    private const string Remedy = "send it as 'Authorization: Bearer TOKEN', or as the password of Basic; "
        + "snapgrains has --token SOURCE, SNAPSHOTGRAINS_TOKEN and SNAPSHOTGRAINS_TOKEN_FILE for it";

    /// <summary>How a caller may show the token (RFC 6750, RFC 7617).</summary>
    public static StringValues Challenges { get; } =
        new(["Bearer realm=\"snapgrains\"", "Basic realm=\"snapgrains\", charset=\"UTF-8\""]);

    /// <inheritdoc />
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    /// <inheritdoc />
    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        throw new SnapshotGrainsException(
            ErrorCode.Unauthorized,
            StringValues.IsNullOrEmpty(Request.Headers.Authorization)
                ? $"This silo asks for its access token: {Remedy}."
                : $"What came is not this silo's access token, or not by a road that it trusts: {Remedy}.");

    private AuthenticateResult Authenticate()
    {
        if (tokens.IsOpen)
        {
            return Success();
        }

        var text = Request.Headers.Authorization.ToString();
        if (text.Length == 0)
        {
            return AuthenticateResult.NoResult();
        }

        if (!AuthenticationHeaderValue.TryParse(text, out var header) || ShownBy(header) is not { } shown)
        {
            return Refuse("sent neither Bearer nor Basic");
        }

        if (!tokens.Knows(shown))
        {
            return Refuse("sent a wrong token");
        }

        return IsFromOtherSite(header) ? Refuse("asks for a change in the name of another site's page") : Success();
    }

    private static string? ShownBy(AuthenticationHeaderValue header) => header.Scheme.ToUpperInvariant() switch
    {
        "BEARER" => header.Parameter,
        "BASIC" => PasswordOf(header.Parameter ?? ""),
        _ => null,
    };

    private static string? PasswordOf(string credentials)
    {
        var bytes = new byte[credentials.Length];
        if (!Convert.TryFromBase64String(credentials, bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    /// <summary>
    /// A browser that knows the password sends it with whatever any page makes it send; only of Bearer does a page have
    /// to know it. Programs name no origin.
    /// </summary>
    private bool IsFromOtherSite(AuthenticationHeaderValue header) =>
        !header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
        && !HttpMethods.IsGet(Request.Method) && !HttpMethods.IsHead(Request.Method)
        && Request.Headers.Origin is { Count: > 0 } origin
        && !string.Equals(origin, $"{Request.Scheme}://{Request.Host}", StringComparison.OrdinalIgnoreCase);

    /// <summary>The base class logs the reason, and whose it was; the token is not part of it.</summary>
    private AuthenticateResult Refuse(string why) =>
        AuthenticateResult.Fail($"{Context.Connection.RemoteIpAddress} {why}");

    private AuthenticateResult Success() => AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity(Scheme.Name)), Scheme.Name));
}
