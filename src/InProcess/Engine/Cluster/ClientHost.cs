using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Cluster;

/// <summary>Starts and stops a client with its host.</summary>
internal sealed class ClientHost(ClusterClient client) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => client.Cluster.ActiveSilos.Length > 0
        ? Task.CompletedTask
        : throw new SiloUnavailableException("Could not find any gateway: start a silo of the cluster first.");

    public Task StopAsync(CancellationToken cancellationToken)
    {
        client.Dispose();
        return Task.CompletedTask;
    }
}
