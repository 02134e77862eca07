using System.Net.Security;

namespace SnapshotGrains.Client;

/// <summary>How connections to servers are made, by everybody who makes some.</summary>
public static class ServerConnections
{
    /// <summary>More than segments may take (<see cref="RemoteSegments"/>), so that probes need not wait for them.
    /// </summary>
    private const int MaxConnectionsANode = 24;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

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

    /// <summary>
    /// What carries requests to the nodes of a cluster: with few connections to each, which are given up soon where
    /// nobody answers. Does not follow redirections: where a segment is told to be is worth remembering.
    /// </summary>
    /// <param name="ca">Whose certificates are trusted; null: the system's choice.</param>
    public static SocketsHttpHandler CreateRoad(CaCertificates? ca)
    {
        var handler = CreateHandler(ca);
        handler.AllowAutoRedirect = false;
        handler.ConnectTimeout = ConnectTimeout;
        handler.MaxConnectionsPerServer = MaxConnectionsANode;
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
