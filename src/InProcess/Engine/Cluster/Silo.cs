using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using SnapshotGrains.InProcess.Activations;
using SnapshotGrains.InProcess.Calls;
using SnapshotGrains.InProcess.Classes;
using SnapshotGrains.InProcess.Scheduling;

namespace SnapshotGrains.InProcess.Cluster;

/// <summary>A member of the cluster that holds activations.</summary>
internal sealed partial class Silo : Sender, ILocalSiloDetails, IDisposable
{
    private readonly ConcurrentDictionary<Activation, byte> _activations = new();
    private readonly ITimer _collector;
    private int _status = (int)SiloStatus.Created;
    private int _left;

    public Silo(
        IServiceProvider services,
        TimeProvider time,
        IOptions<ClusterOptions> cluster,
        IOptions<EngineOptions> engine,
        IOptions<SiloMessagingOptions> messaging,
        ILogger<Silo> logger)
        : base(ProcessCluster.Enter(cluster.Value, engine.Value), services, time, messaging.Value)
    {
        var endpoint = services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        var generation = SiloAddress.AllocateNewGeneration(time);
        SiloAddress = SiloAddress.New(endpoint.AdvertisedIPAddress, endpoint.SiloPort, generation);
        GatewayAddress = SiloAddress.New(endpoint.AdvertisedIPAddress, endpoint.GatewayPort, generation);
        Name = services.GetRequiredService<IOptions<SiloOptions>>().Value.SiloName is { Length: > 0 } name
            ? name
            : $"Silo_{endpoint.SiloPort}_{generation}";
        ClusterId = cluster.Value.ClusterId;
        Metadata = services.GetRequiredService<IOptions<SiloMetadata>>().Value;
        Collection = services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;
        MaxQueuedCalls = messaging.Value.MaxEnqueuedRequestsHardLimit;
        IncomingFilters = new(services.GetServices<IIncomingGrainCallFilter>());
        Logger = logger;
        Started = time.GetUtcNow();
        using (ExecutionContext.SuppressFlow())
        {
            var period = Collection.CollectionQuantum;
            _collector = time.CreateTimer(static state => ((Silo)state!).Collect(null), this, period, period);
        }
    }

    public string Name { get; }

    public string ClusterId { get; }

    public string DnsHostName { get; } = Dns.GetHostName();

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress { get; }

    public SiloAddress Address => SiloAddress;

    public SiloMetadata Metadata { get; }

    public GrainCollectionOptions Collection { get; }

    public DateTimeOffset Started { get; }

    public ILogger Logger { get; }

    public IncomingFilters IncomingFilters { get; }

    /// <summary>Calls per activation beyond which calls are refused; 0 = unlimited.</summary>
    public int MaxQueuedCalls { get; }

    public SiloStatus Status => (SiloStatus)Volatile.Read(ref _status);

    public int ActivationCount => _activations.Count;

    public override Silo PlacingSilo => this;

    public void Add(Activation activation) => _activations.TryAdd(activation, 0);

    public void Remove(Activation activation)
    {
        _activations.TryRemove(activation, out _);
        Cluster.Remove(activation);
    }

    /// <summary>Takes part in the cluster; the address is known to it from here on.</summary>
    public void Join()
    {
        Cluster.Join(this);
        SetStatus(SiloStatus.Joining);
    }

    public void Open()
    {
        SetStatus(SiloStatus.Active);
        LogActive(Logger, Name, Address);
    }

    /// <summary>Deactivates everything, with calls in flight ending first, until the token is cancelled.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        SetStatus(SiloStatus.ShuttingDown);
        LogDraining(Logger, Name, ActivationCount);
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This process is terminating.");
        while (!_activations.IsEmpty)
        {
            var activations = _activations.Keys.ToArray();
            foreach (var activation in activations)
            {
                activation.Deactivate(reason, cancellationToken);
            }

            await Task.WhenAll(activations.Select(a => a.Deactivated)).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Leaves at once: what is still active is lost, and whoever waits for it learns of it.</summary>
    public void Kill()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
        {
            return;
        }

        SetStatus(SiloStatus.Dead);
        _collector.Dispose();
        var lost = _activations.Keys.ToArray();
        LogStopped(Logger, Name, lost.Length);
        foreach (var activation in lost)
        {
            activation.Abandon(new SiloUnavailableException(
                $"The target silo became unavailable: {Address} has died with {activation.GrainId}."));
        }

        StopSending($"The local silo {Address} has stopped and can no longer make calls.");
        Cluster.Leave();
    }

    /// <summary>Deactivates what has been idle for an age; null = each class's own.</summary>
    public void Collect(TimeSpan? age)
    {
        foreach (var activation in _activations.Keys)
        {
            var limit = AgeLimit(activation.Class);
            if (limit != Timeout.InfiniteTimeSpan)
            {
                activation.CollectIfIdle(age ?? limit);
            }
        }
    }

    public void Dispose() => Kill();

    public override string ToString() => $"silo {Name}";

    private TimeSpan AgeLimit(GrainClass grainClass) =>
        Collection.ClassSpecificCollectionAge.TryGetValue(grainClass.Type.FullName!, out var age)
            ? age
            : grainClass.CollectionAge ?? Collection.CollectionAge;

    // Death is final: a drain that goes on after it must not bring the silo back.
    private void SetStatus(SiloStatus status)
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _status);
            if (seen == (int)SiloStatus.Dead)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _status, (int)status, seen) != seen);

        Cluster.OnStatusChanged();
    }
}
