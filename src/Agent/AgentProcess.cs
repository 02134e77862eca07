using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SnapshotGrains.Client;
using SnapshotGrains.Exports;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Agent;

/// <summary>
/// The agent of a compute host: an NBD server for its guests, over a client of the cluster. Its disks share one segment
/// cache; what is encrypted is decrypted here. What <c>snapgrains attach</c> runs.
/// </summary>
public sealed partial class AgentProcess : IAsyncDisposable
{
    private readonly SnapshotGrainsClient _client;
    private readonly List<VirtualDisk> _attached = [];
    private readonly CancellationTokenSource _lost = new();
    private NbdServer? _server;

    private readonly ILogger _log;

    private AgentProcess(SnapshotGrainsClient client, ILogger log) => (_client, _log) = (client, log);

    /// <summary>Where guests connect, as URIs without the export's name.</summary>
    public IReadOnlyList<string> Uris { get; private set; } = [];

    /// <summary>Cancelled when a disk that was to be attached is lost to another writer, or gone.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Attaches the disks and serves them; all of it, or nothing.</summary>
    /// <param name="settings">What to attach, and where to serve it.</param>
    /// <param name="logging">Where events go.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="SnapshotGrainsException">A disk cannot be attached, or an address not be listened on.
    /// </exception>
    public static async Task<AgentProcess> StartAsync(
        AgentSettings settings, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        var agent = new AgentProcess(
            SnapshotGrainsClient.Connect(settings.Server, settings.Client), logging.CreateLogger<AgentProcess>());
        try
        {
            if (settings.Client.Disk is { } disk)
            {
                disk.Troubled += agent.LogTroubled;
            }

            foreach (var name in settings.Names)
            {
                await agent.AttachAsync(name, settings.Access, cancellationToken).ConfigureAwait(false);
            }

            agent.Listen(settings);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Answers the requests under way, flushes and detaches.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var disk in _attached)
        {
            await disk.DisposeAsync().ConfigureAwait(false);
        }

        await _client.DisposeAsync().ConfigureAwait(false);
        _lost.Dispose();
    }

    /// <summary>
    /// Attached from now on, so that nobody else writes while its guest restarts, and errors come now.
    /// </summary>
    private async Task AttachAsync(string name, DiskAccess access, CancellationToken cancellationToken)
    {
        var disk = SnapshotId.TryParse(name, out var snapshot)
            ? await _client.OpenSnapshotAsync(snapshot, cancellationToken).ConfigureAwait(false)
            : await _client.OpenDiskAsync(ResourceName.Check(name, "disk"), access, cancellationToken)
                .ConfigureAwait(false);
        _attached.Add(disk);
        disk.Gone.Register(() => _lost.Cancel());
    }

    private void Listen(AgentSettings settings)
    {
        INbdExportProvider exports = new ExportProvider(_client, _client.Disks, new OpenExports());
        if (settings.Names.Count > 0)
        {
            exports = new NamedExports(exports, settings.Names, settings.Access == DiskAccess.ReadOnly);
        }

        try
        {
            _server = new NbdServer(
                exports, new NbdServerOptions { Endpoints = settings.Endpoints, Events = new NbdEventLog(_log) });
            _server.Start();
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"The agent cannot listen on {string.Join(", ", settings.Endpoints)}: {error.Message}", error);
        }

        Uris = [.. _server.Endpoints.Select(endpoint => NbdUris.Of(endpoint))];
    }

    [LoggerMessage(1401, LogLevel.Warning, "{What}.")]
    private partial void LogTroubled(string what, Exception? error);
}
