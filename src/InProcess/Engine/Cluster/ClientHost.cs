using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Cluster;

/// <summary>Starts and stops a client with its host.</summary>
internal sealed class ClientHost(ClusterClient client) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the cluster's first silo.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.Cluster.Opened.WaitAsync(Patience, client.Time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new SiloUnavailableException($"No silo of the cluster became active within {Patience}.", exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        client.Dispose();
        return Task.CompletedTask;
    }
}
