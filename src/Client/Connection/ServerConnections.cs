using System.Net.Security;

namespace SnapshotGrains.Client;

/// <summary>How connections to servers are made, by everybody who makes some.</summary>
public static class ServerConnections
{
    /// <summary>What carries HTTP requests; the caller disposes it.</summary>
    /// <param name="ca">Whose certificates are trusted; null: the system's choice.</param>
    public static SocketsHttpHandler CreateHandler(CaCertificates? ca)
    {
        var handler = new SocketsHttpHandler();
        if (ca is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = ca.CreatePolicy() };
        }

        return handler;
    }

    /// <summary>Shows the server a token with each request.</summary>
    /// <param name="http">Who asks it.</param>
    /// <param name="token">The token; null: none is shown.</param>
    public static void ShowToken(this HttpClient http, AccessToken? token)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.DefaultRequestHeaders.Authorization = token?.ToHeader();
    }
}
