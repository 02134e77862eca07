using System.Collections.Immutable;

namespace SnapshotGrains.Silo.Events;

/// <summary>Tells listeners what happens. Thread-safe; publishing never waits for a listener.</summary>
internal sealed class EventHub
{
    /// <summary>Listeners at once; each may hold <see cref="EventSubscription.Capacity"/> events.</summary>
    public const int MaxSubscribers = 256;

    private readonly Lock _gate = new();
    private readonly List<EventSubscription> _subscribers = [];
    private readonly HomedDisks _homed = new();
    private ImmutableArray<CloneNews> _clones = [];
    private long _lastId;

    /// <summary>
    /// Raised, on any thread, for each change of a disk's record, whether anybody listens or not: one after the other,
    /// in the order in which listeners hear of them. Handlers must be short.
    /// </summary>
    public event Action<DiskInfo>? DiskPublished;

    /// <summary>Raised, on any thread, for each batch clone that is heard of.</summary>
    public event Action<BatchClone>? BatchPublished;

    /// <summary>What the present listeners to the whole cluster want.</summary>
    public IReadOnlyList<EventQuery> Queries
    {
        get
        {
            lock (_gate)
            {
                return [.. _subscribers.Select(subscriber => subscriber.Query).Where(query => !query.IsOfProcess)];
            }
        }
    }

    /// <summary>How many listen, other processes included.</summary>
    public int Listeners
    {
        get
        {
            lock (_gate)
            {
                return _subscribers.Count;
            }
        }
    }

    /// <summary>Begins to listen; dispose the result to end it.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: too many listen.</exception>
    public EventSubscription Subscribe(EventQuery query)
    {
        var subscription = new EventSubscription(this, query);
        lock (_gate)
        {
            if (_subscribers.Count >= MaxSubscribers)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.SiloUnavailable, $"{MaxSubscribers} listen to events already; try again later.");
            }

            _subscribers.Add(subscription);
        }

        return subscription;
    }

    /// <summary>A clone begins, by which these disks may come to be; dispose the result when it has ended.</summary>
    public CloneNews BeginClone(IEnumerable<string> names)
    {
        var clone = new CloneNews(this, names);
        ImmutableInterlocked.Update(ref _clones, static (all, one) => all.Add(one), clone);
        return clone;
    }

    /// <summary>A disk's record has changed.</summary>
    public void Publish(DiskInfo disk) => Publish(disk, EventOrigin.Here);

    /// <summary>Disks were cloned. What is known of them is as old as the clone's beginning.</summary>
    public void Publish(CloneNews clone, IReadOnlyList<DiskInfo> disks)
    {
        lock (_gate)
        {
            foreach (var disk in disks.Where(disk => !clone.HasHeardOf(disk)))
            {
                Publish(disk);
            }
        }
    }

    /// <summary>A batch clone has begun, gone on or ended.</summary>
    public void Publish(BatchClone batch, EventOrigin origin = EventOrigin.Here)
    {
        // Names may be ten thousand; who wants them asks for the results.
        Publish(EventNames.Batch, null, batch with { Spec = batch.Spec with { Names = [] } }, origin);
        BatchPublished?.Invoke(batch);
    }

    /// <summary>A disk's hydration has gone on.</summary>
    public void Publish(HydrationProgress progress) =>
        Publish(EventNames.Hydration, progress.Disk, progress, EventOrigin.Seen);

    /// <summary>Another process of the cluster tells of something.</summary>
    public void Relay(ServerEvent news)
    {
        switch (news)
        {
            case DiskEvent { Disk: var disk }:
                Publish(disk, EventOrigin.Elsewhere);
                break;
            case BatchEvent { Batch: var batch }:
                Publish(batch, EventOrigin.Elsewhere);
                break;
            case LaggedEvent { Missed: var missed }:
                RelayGap(missed);
                break;
        }
    }

    /// <summary>What another process had to tell was lost, so many events or more.</summary>
    public void RelayGap(long missed) =>
        Publish(EventNames.Lagged, null, new MissedEvents(missed), EventOrigin.Elsewhere);

    /// <summary>Ends a clone.</summary>
    public void Remove(CloneNews clone) =>
        ImmutableInterlocked.Update(ref _clones, static (all, one) => all.Remove(one), clone);

    /// <summary>Ends a subscription.</summary>
    public void Remove(EventSubscription subscription)
    {
        lock (_gate)
        {
            _subscribers.Remove(subscription);
        }
    }

    private void Publish(DiskInfo disk, EventOrigin origin)
    {
        lock (_gate)
        {
            if (_homed.IsOlder(disk))
            {
                return;
            }

            foreach (var clone in _clones)
            {
                clone.Note(disk);
            }

            Publish(EventNames.Disk, disk.Name, disk, origin);
            DiskPublished?.Invoke(disk);
        }
    }

    private void Publish<T>(string name, string? disk, T data, EventOrigin origin)
    {
        lock (_gate)
        {
            EventMessage? message = null;
            foreach (var subscriber in _subscribers)
            {
                if (subscriber.Wants(name, disk, origin))
                {
                    message ??= EventMessage.Of(++_lastId, name, disk, data);
                    subscriber.Offer(message);
                }
            }
        }
    }
}
