using System.Collections.Concurrent;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using SnapshotGrains.InProcess.Activations;
using SnapshotGrains.InProcess.Calls;
using SnapshotGrains.InProcess.Classes;
using SnapshotGrains.InProcess.Placement;
using SnapshotGrains.InProcess.Scheduling;
using SnapshotGrains.InProcess.Storage;

namespace SnapshotGrains.InProcess.Cluster;

/// <summary>The silos and clients of this process that name the same service and cluster.</summary>
internal sealed partial class ProcessCluster
{
    // Dead silos are remembered so that their fate can be asked for, but not for ever.
    private const int MaxMembers = 128;

    private static readonly ConcurrentDictionary<(string Service, string Cluster), ProcessCluster> Clusters = new();
    private readonly ConcurrentDictionary<GrainId, Activation> _directory = new();
    private readonly ConcurrentDictionary<string, MemoryStore> _stores = new();
    private readonly Lock _lock = new();
    private readonly (string Service, string Cluster) _key;
    private readonly Placer _placer;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Silo[] _silos = [];
    private Silo[] _active = [];
    private int _users;

    private ProcessCluster((string Service, string Cluster) key, EngineOptions options)
    {
        _key = key;
        WorkQueue = options.WorkQueue;
        Delivery = options.Delivery;
        Random = new(options.Seed);
        _placer = new(this);
    }

    public IWorkQueue WorkQueue { get; }

    public Delivery Delivery { get; }

    public SeededRandom Random { get; }

    /// <summary>All silos that have been members, the dead included.</summary>
    public IReadOnlyList<Silo> Members => Volatile.Read(ref _silos);

    /// <summary>The silos that take activations, in order of address.</summary>
    public Silo[] ActiveSilos => Volatile.Read(ref _active);

    /// <summary>Ends when the cluster has had an active silo.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Joins as silo or client; <see cref="Leave"/> when done.</summary>
    public static ProcessCluster Enter(ClusterOptions names, EngineOptions options)
    {
        var key = (names.ServiceId, names.ClusterId);
        while (true)
        {
            var cluster = Clusters.GetOrAdd(key, static (k, o) => new(k, o), options);
            lock (cluster._lock)
            {
                if (cluster._users >= 0)
                {
                    cluster._users++;
                    return cluster;
                }
            }
        }
    }

    /// <summary>The last one to leave ends the cluster and what it kept in memory.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_users == 0)
            {
                _users = -1;
                Clusters.TryRemove(new(_key, this));
            }
        }
    }

    public void Join(Silo silo)
    {
        lock (_lock)
        {
            var endpoint = silo.Address.Endpoint;
            var alive = _silos.Where(s => s.Status != SiloStatus.Dead);
            if (alive.FirstOrDefault(s => s.Address.Endpoint.Equals(endpoint)) is { } other)
            {
                throw new OrleansConfigurationException(
                    $"Silo endpoint {endpoint} is in use by silo {other.Name}; give each silo its own port.");
            }

            var surplus = _silos.Length + 1 - MaxMembers;
            var forgotten = _silos.Where(s => s.Status == SiloStatus.Dead).Take(Math.Max(surplus, 0)).ToArray();
            _silos = [.. _silos.Except(forgotten), silo];
        }
    }

    public void OnStatusChanged()
    {
        lock (_lock)
        {
            _active = [.. _silos.Where(s => s.Status == SiloStatus.Active).OrderBy(s => s.Address)];
            if (_active.Length > 0)
            {
                _opened.TrySetResult();
            }
        }
    }

    public Silo? Find(SiloAddress address) => Array.Find(_silos, silo => silo.Address.Equals(address));

    public MemoryStore MemoryStore(string name) => _stores.GetOrAdd(name, static _ => new());

    /// <summary>Sends a call to its activation, or has one made.</summary>
    public void Route(GrainCall call)
    {
        if (_directory.TryGetValue(call.Target, out var activation))
        {
            Delivery.Request(call, activation);
        }
        else
        {
            WorkQueue.Enqueue(call);
        }
    }

    /// <summary>Has an activation made for a call.</summary>
    public void BeginPlacement(GrainCall call) => call.Placement = _placer.PlaceAsync(call);

    public bool TryFind(GrainId id, out Activation? activation) => _directory.TryGetValue(id, out activation);

    /// <summary>Makes the activation, unless there is one or the silo stopped taking any.</summary>
    public Activation? GetOrAdd(Silo silo, GrainClass grainClass, GrainCall call)
    {
        var made = new Activation(silo, grainClass, call.Target, call.Context);
        var winner = _directory.GetOrAdd(call.Target, made);
        if (!ReferenceEquals(winner, made))
        {
            return winner;
        }

        // Registered first, then checked: a silo that drains or dies meanwhile either finds it or is seen here.
        silo.Add(made);
        if (silo.Status == SiloStatus.Active)
        {
            made.Scheduler.RequestPump();
            return made;
        }

        made.Abandon(null);
        return null;
    }

    public void Remove(Activation activation) => _directory.TryRemove(new(activation.GrainId, activation));

    public SiloMetadata Metadata(SiloAddress silo) => Find(silo)?.Metadata ?? SiloMetadata.Empty;
}
