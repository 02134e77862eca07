using System.Net;
using SnapshotGrains.Silo.Hosting;

namespace SnapshotGrains.Silo;

/// <summary>Who may use the process.</summary>
public sealed partial class SiloProcess
{
    /// <summary>All that the HTTP API answers to.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => _front.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Where the silos of this process are.</summary>
    internal IClusterProvider Cluster => _shared.Cluster;

    private static bool IsOpen(IPEndPoint? endpoint) => endpoint is not null && !IPAddress.IsLoopback(endpoint.Address);

    /// <summary>Says so when other machines can do what they like here.</summary>
    private void WarnOfOpenPorts()
    {
        if (IsOpen(Settings.Http) && _shared.Tokens.IsOpen)
        {
            LogOpenHttp(HttpAddress);
        }

        if (IsOpen(Settings.Nbd) && Settings.NbdTls != NbdTlsPolicy.Mutual)
        {
            LogOpenNbd(Settings.Nbd!);
        }
    }

    [LoggerMessage(1301, LogLevel.Warning,
        "The HTTP API at {Address} is open to whoever reaches it: set an access token (--token SOURCE, setting Token), "
        + "or listen on a loopback address")]
    private partial void LogOpenHttp(Uri address);

    [LoggerMessage(1302, LogLevel.Warning,
        "The NBD server at {Address} serves whoever reaches it: ask clients for certificates (--nbd-tls mutual, "
        + "setting NbdTls), or listen on a loopback address or a Unix socket")]
    private partial void LogOpenNbd(IPEndPoint address);
}
