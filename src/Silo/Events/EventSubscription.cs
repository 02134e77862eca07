using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace SnapshotGrains.Silo.Events;

/// <summary>
/// One listener's events until it has taken them. One that is too slow loses events, and is told so where they would
/// have been.
/// </summary>
/// <param name="hub">Where it listens.</param>
/// <param name="query">What it wants.</param>
internal sealed class EventSubscription(EventHub hub, EventQuery query) : IDisposable
{
    /// <summary>Events that wait for the listener; each has a few hundred bytes.</summary>
    public const int Capacity = 256;

    private readonly Channel<EventMessage> _waiting = Channel.CreateBounded<EventMessage>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private long _missed;
    private long _lastId;

    /// <summary>What it wants.</summary>
    public EventQuery Query => query;

    /// <summary>Whether the event is wanted.</summary>
    public bool Wants(string name, string? disk, EventOrigin origin) =>
        (origin == EventOrigin.Here || !query.IsOfProcess) && name switch
        {
            EventNames.Lagged => true,
            EventNames.Hydration => query.Hydration && IsOf(disk),
            _ => IsOf(disk),
        };

    /// <summary>Queues an event; the hub calls it for one event after the other.</summary>
    public void Offer(EventMessage message)
    {
        // After a gap nothing is queued until the listener has come to it: the gap keeps its place.
        if (Volatile.Read(ref _missed) > 0 || !_waiting.Writer.TryWrite(message))
        {
            Interlocked.Increment(ref _missed);
        }
    }

    /// <summary>Takes what is next: an event, or the news of a gap.</summary>
    public bool TryTake([NotNullWhen(true)] out EventMessage? message)
    {
        if (_waiting.Reader.TryRead(out message))
        {
            _lastId = message.Id;
            return true;
        }

        var missed = Interlocked.Exchange(ref _missed, 0);
        message = missed > 0
            ? EventMessage.Of(_lastId, EventNames.Lagged, null, new MissedEvents(missed)) : null;
        return message is not null;
    }

    /// <summary>Waits until <see cref="TryTake"/> has something.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        _waiting.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Stops to listen.</summary>
    public void Dispose() => hub.Remove(this);

    private bool IsOf(string? disk) => query.Disk is null || query.Disk == disk;
}
