using System.Collections.Frozen;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>
/// Which replicas' segments are kept on disk, as this silo knows it: the catalog tells each change, and is asked only
/// now and then, in case that it could not.
/// </summary>
/// <param name="grains">The road to the catalog.</param>
/// <param name="time">The clock.</param>
public sealed class KeptReplicas(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private volatile FrozenSet<ReplicaId> _kept = FrozenSet<ReplicaId>.Empty;
    private Task _asking = Task.CompletedTask;
    private long? _knownAt;
    private int _version;

    /// <summary>Whether the segments of a replica are kept.</summary>
    public async ValueTask<bool> ContainsAsync(ReplicaId replica, CancellationToken cancellationToken)
    {
        if (AskIfStale() is { } asking)
        {
            await asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return _kept.Contains(replica);
    }

    /// <summary>The catalog tells which they are.</summary>
    internal void Set(IEnumerable<ReplicaId> kept)
    {
        lock (_gate)
        {
            _kept = kept.ToFrozenSet();
            _knownAt = time.GetTimestamp();
            _version++;
        }
    }

    private Task? AskIfStale()
    {
        lock (_gate)
        {
            if (_knownAt is { } known && time.GetElapsedTime(known) < GoodFor)
            {
                return null;
            }

            // On the pool: whose turn it is now must not decide whether it ends.
            return _asking.IsCompleted ? _asking = Task.Run(AskAsync) : _asking;
        }
    }

    private async Task AskAsync()
    {
        var version = Volatile.Read(ref _version);
        IEnumerable<ReplicaId>? answer = null;
        try
        {
            answer = await grains.GetGrain<IReplicaCatalogGrain>(0).ListKeptAsync(CancellationToken.None)
                .WaitAsync(AskTimeout, time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or SnapshotGrainsException)
        {
            // What was known stands, and is good for another while: to keep nothing costs time only.
        }

        lock (_gate)
        {
            if (version == _version)
            {
                _kept = answer?.ToFrozenSet() ?? _kept;
                _knownAt = time.GetTimestamp();
            }
        }
    }
}
