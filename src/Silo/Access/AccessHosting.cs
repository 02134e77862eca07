using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SnapshotGrains.Silo.Access;

/// <summary>Puts the access token before the HTTP API. Closed by default: what says nothing else needs it.</summary>
internal static class AccessHosting
{
    /// <summary>The policy of those who show the access token.</summary>
    public const string Policy = "Token";

    /// <summary>Adds authentication by token, and the policies.</summary>
    public static void AddTokenAccess(this IServiceCollection services, AccessTokens tokens)
    {
        // Not AddAuthentication: it brings data protection along, which writes keys to the user's home directory.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = TokenHandler.SchemeName;
            options.AddScheme<TokenHandler>(TokenHandler.SchemeName, displayName: null);
        });
        services.TryAddSingleton(UrlEncoder.Default);
        services.AddSingleton(tokens);
        services.AddTransient<TokenHandler>();

        var policy = new AuthorizationPolicyBuilder(TokenHandler.SchemeName).RequireAuthenticatedUser().Build();
        services.AddAuthorizationBuilder()
            .AddPolicy(Policy, policy).SetDefaultPolicy(policy).SetFallbackPolicy(policy);
    }

    /// <summary>From here on requests have an endpoint and a caller.</summary>
    public static void UseTokenAccess(this IApplicationBuilder app)
    {
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
    }
}
