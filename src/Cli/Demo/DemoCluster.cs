using System.Globalization;
using SnapshotGrains.Client;
using SnapshotGrains.Silo;

namespace SnapshotGrains.Cli.Demo;

/// <summary>The silos of the demo, and the HTTP connection through which it uses them like anybody else.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private readonly SiloProcess _process;
    private readonly HttpClient _http;

    private DemoCluster(SiloProcess process, HttpMessageHandler handler)
    {
        _process = process;
        _http = new HttpClient(handler) { BaseAddress = process.HttpAddress, Timeout = Timeout.InfiniteTimeSpan };
        Api = new HttpControlPlane(_http);
    }

    /// <summary>The HTTP API.</summary>
    public HttpControlPlane Api { get; }

    /// <summary>Where the HTTP API is.</summary>
    public Uri HttpAddress => _process.HttpAddress;

    /// <summary>Where the NBD server is.</summary>
    public IReadOnlyList<string> NbdUris => _process.NbdUris;

    /// <summary>Starts the silos on free ports, with their data in the demo's directory.</summary>
    public static async Task<DemoCluster> StartAsync(
        DemoDirectory directory, int silos, HttpMessageHandler handler, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Silos"] = silos.ToString(CultureInfo.InvariantCulture),
            ["Data"] = directory.Data,
            ["ImageCenter"] = "",
            ["Http"] = "127.0.0.1:0",
            ["Nbd"] = "127.0.0.1:0",
            ["NbdSocket"] = directory.Socket,
            ["Token"] = "",
            ["TlsCertificate"] = "",
            ["TlsKey"] = "",
            ["TlsCa"] = "",
            ["NbdTls"] = "",
        };
        return new DemoCluster(await SiloProcess.StartAsync(settings, cancellationToken), handler);
    }

    /// <summary>The silo whose loss costs most: of all but the first, the one that has fetched most.</summary>
    /// <remarks>In a development cluster on Orleans, the first silo keeps the list of members.</remarks>
    public static NodeInfo? ChooseVictim(IReadOnlyList<NodeInfo> nodes) =>
        nodes.Skip(1).MaxBy(node => node.Origin.BytesFetched);

    /// <summary>Kills a silo as a crash would.</summary>
    public Task KillAsync(string silo) => _process.KillSiloAsync(silo);

    /// <summary>Completes when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) =>
        _process.WaitForShutdownAsync(cancellationToken);

    /// <summary>Opens an image to learn its segments.</summary>
    public async Task<TouchedSegments> OpenSegmentsAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var client = SnapshotGrainsClient.Connect(_process.HttpAddress);
        await using (client)
        {
            return new TouchedSegments(await client.GetSegmentMapAsync(snapshot, cancellationToken));
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}
