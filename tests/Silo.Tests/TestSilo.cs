using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests;

/// <summary>A silo process in this process, on free ports and in a temporary directory, with its HTTP client.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private IReadOnlyDictionary<string, string?> _more = new Dictionary<string, string?>();

    private TestSilo()
    {
    }

    public SiloProcess Process { get; private set; } = null!;

    /// <summary>A client over HTTP, as a compute host has it.</summary>
    public SnapshotGrainsClient Remote { get; private set; } = null!;

    /// <summary>What the client shows, and whom it trusts.</summary>
    public ClientOptions ClientOptions { get; private set; } = new();

    public HttpControlPlane Api => (HttpControlPlane)Remote.Control;

    public string Directory => _directory.Path;

    public string Socket => Path.Combine(Directory, "nbd.sock");

    public string Center => Path.Combine(Directory, "data", "image-center");

    public string TcpUri(string export) => $"{Process.NbdUris.Single(uri => !uri.Contains("socket="))}/{export}";

    public string UnixUri(string export) => $"nbd+unix:///{export}?socket={Socket}";

    /// <param name="more">Settings besides those of the others, for restarts too.</param>
    public static async Task<TestSilo> StartAsync(
        int silos = 3,
        string cacheBytes = "256M",
        string readTimeout = "30",
        IReadOnlyDictionary<string, string?>? more = null,
        ClientOptions? client = null)
    {
        var test = new TestSilo { ClientOptions = client ?? new ClientOptions() };
        test._more = more ?? test._more;
        await test.StartProcessAsync(silos, cacheBytes, readTimeout);
        return test;
    }

    /// <summary>Stops in order and starts again on the same data, with other settings where they are given.</summary>
    public async Task RestartAsync(IReadOnlyDictionary<string, string?>? more = null)
    {
        await StopAsync();
        _more = more ?? _more;
        await StartProcessAsync(3, "256M", "30");
    }

    /// <summary>Imports a file's bytes over HTTP.</summary>
    public async Task<ImageInfo> ImportAsync(string id, byte[] content, int? segmentSizeBytes = null) =>
        await Api.ImportImageAsync(
            SnapshotId.Parse(id), new ByteArrayContent(content), segmentSizeBytes, CancellationToken.None);

    /// <summary>Writes an image file, imports it, and returns its path.</summary>
    public async Task<string> ImportFileAsync(string id, byte[] content)
    {
        var path = Path.Combine(Directory, $"{id}.raw");
        await File.WriteAllBytesAsync(path, content);
        await ImportAsync(id, content);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    private async Task StopAsync()
    {
        await Remote.DisposeAsync();
        await Process.DisposeAsync();
    }

    private async Task StartProcessAsync(int silos, string cacheBytes, string readTimeout)
    {
        Process = await SiloProcess.StartAsync(
            new Dictionary<string, string?>(_more)
            {
                ["Silos"] = $"{silos}",
                ["Data"] = Path.Combine(Directory, "data"),
                ["Http"] = "127.0.0.1:0",
                ["Nbd"] = "127.0.0.1:0",
                ["NbdSocket"] = Socket,
                ["CacheBytes"] = cacheBytes,
                ["ReadTimeout"] = readTimeout,
            },
            CancellationToken.None);
        Remote = SnapshotGrainsClient.Connect(Process.HttpAddress, ClientOptions);
    }
}
