using SnapshotGrains.Silo.Events;

namespace SnapshotGrains.Silo;

/// <summary>What the process tells about itself.</summary>
public sealed partial class SiloProcess
{
    /// <summary>The server, its cluster and its traffic.</summary>
    public async Task<ServerStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var nodes = await Client.Control.ListNodesAsync(cancellationToken).ConfigureAwait(false);
        var disks = await Client.Control.ListDisksAsync(cancellationToken).ConfigureAwait(false);
        var images = await Client.Control.ListImagesAsync(cancellationToken).ConfigureAwait(false);
        return new ServerStatus(
            Version, Engine, _startedAt, Settings.ImageCenter, images.Count, disks.Count, nodes, Reads(nodes), Nbd());
    }

    /// <summary>How many listen to events.</summary>
    internal int EventListeners => _front.Services.GetRequiredService<EventHub>().Listeners;

    /// <summary>Null when requests can be served, else what is missing.</summary>
    internal async Task<string?> WhyNotReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var images = Client.Control.ListImagesAsync(cancellationToken);
            await images.WaitAsync(ReadinessTimeout, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is SnapshotGrainsException or TimeoutException)
        {
            return error.Message;
        }
    }

    private ReadInfo Reads(IReadOnlyList<NodeInfo> nodes)
    {
        var fetched = nodes.Sum(node => node.Origin.BytesFetched);
        var needed = nodes.DistinctBy(node => node.Endpoints?.Http).Sum(node => node.Origin.BytesNeeded);
        return new ReadInfo(
            _exports.BytesServed, needed, fetched, needed == 0 ? 0 : Math.Round((double)fetched / needed, 4));
    }

    private NbdInfo Nbd()
    {
        if (_nbd?.GetStatistics() is not { } statistics)
        {
            return new NbdInfo([], 0, 0, 0);
        }

        var requests = statistics.Requests.Values.Sum() + statistics.UnknownRequests;
        return new NbdInfo(NbdUris, statistics.OpenConnections, requests, statistics.FailedRequests);
    }
}
