using Orleans;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Reads from silos in the reader's own process, by reference; what silos in other processes hold comes over HTTP into
/// a cache of this process.
/// </summary>
/// <param name="locator">Finds segments.</param>
/// <param name="maps">Where segment maps come from.</param>
/// <param name="need">Counts what is needed of this process's silos.</param>
/// <param name="elsewhere">The road to silos in other processes; null where there can be none.</param>
public sealed class LocalDataPlane(
    SegmentLocator locator,
    Func<SnapshotId, CancellationToken, ValueTask<SnapshotMap>> maps,
    OriginNeed need,
    ClusterRoad? elsewhere) : IDataPlane
{
    /// <summary>Reads from silos of which all are in this process.</summary>
    /// <param name="grains">Where the segment grains are.</param>
    /// <param name="exchange">The caches of the silos.</param>
    /// <param name="maps">Where segment maps come from.</param>
    /// <param name="need">Counts what is needed of this process's silos.</param>
    /// <param name="time">The clock for back-off.</param>
    public LocalDataPlane(
        IGrainFactory grains,
        SegmentExchange exchange,
        Func<SnapshotId, CancellationToken, ValueTask<SnapshotMap>> maps,
        OriginNeed need,
        TimeProvider time)
        : this(new SegmentLocator(() => grains, exchange, static () => null, time), maps, need, elsewhere: null)
    {
    }

    /// <inheritdoc />
    public ValueTask<SnapshotMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        maps(snapshot, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        // The owner may be dead and the cluster not know yet: the road goes around it, a grain call would wait.
        if (elsewhere is not null
            && await elsewhere.IsOwnerElsewhereAsync(key, cancellationToken).ConfigureAwait(false))
        {
            return await elsewhere.LeaseAsync(key, digest, lengthBytes, hint: null, urgency, cancellationToken)
                .ConfigureAwait(false);
        }

        if (!urgency.Priority.IsAhead() && key.Replica.IsBase)
        {
            need.Add(digest, lengthBytes);
        }

        var found = await locator.LocateAsync(key, digest, urgency, cancellationToken).ConfigureAwait(false);
        return found.Bytes ?? await elsewhere!
            .LeaseAsync(key, digest, lengthBytes, found.Location, urgency, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<bool?> PrepareAsync(
        SegmentKey key, Digest digest, CancellationToken cancellationToken) =>
        elsewhere is not null
            && await elsewhere.IsOwnerElsewhereAsync(key, cancellationToken).ConfigureAwait(false)
            ? await elsewhere.PrepareAsync(key, digest, cancellationToken).ConfigureAwait(false)
            : null;

    /// <inheritdoc />
    public void NoteNeed(SegmentKey key, Digest digest, int lengthBytes)
    {
        if (key.Replica.IsBase && elsewhere?.IsOwnerElsewhere(key) != true)
        {
            need.Add(digest, lengthBytes);
        }
    }
}
