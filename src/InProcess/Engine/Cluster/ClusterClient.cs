using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Calls;
using SnapshotGrains.InProcess.Scheduling;

namespace SnapshotGrains.InProcess.Cluster;

/// <summary>A member of the cluster that only makes calls. Any active silo is its gateway.</summary>
internal sealed class ClusterClient : Sender, IDisposable
{
    private int _nextGateway;
    private int _left;

    public ClusterClient(
        IServiceProvider services,
        TimeProvider time,
        IOptions<ClusterOptions> cluster,
        IOptions<EngineOptions> engine,
        IOptions<ClientMessagingOptions> messaging)
        : base(ProcessCluster.Enter(cluster.Value, engine.Value), services, time, messaging.Value)
    {
    }

    public override Silo PlacingSilo
    {
        get
        {
            var gateways = Cluster.ActiveSilos;
            return gateways.Length == 0
                ? throw new OrleansMessageRejectionException("No gateways available")
                : gateways[(uint)Interlocked.Increment(ref _nextGateway) % gateways.Length];
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            StopSending("The client has stopped and can no longer make calls.");
            Cluster.Leave();
        }
    }

    public override string ToString() => "client";
}
