using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Segments of derived replicas: gathered from base segments, wherever in the cluster these are, and encrypted. Each is
/// made once for all disks of its format and key; where a replica is kept, also once for all times. (Plain segments of
/// encrypted snapshots are made by their readers, where there are other processes.)
/// </summary>
internal sealed class DerivedSegments(
    ManifestCache manifests,
    DerivationInputs inputs,
    KeptReplicas kept,
    CacheNodeOptions options,
    DerivationLedger ledger) : ISegmentOrigin
{
    private readonly SemaphoreSlim _places = SegmentDerivation.PlacesIn(options.CacheBytes);

    public async ValueTask<SegmentPlan> PlanAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        // Also where no cipher is needed: without its key nothing of a replica is served.
        var cipher = await OpenAsync(key.Replica.Key, cancellationToken).ConfigureAwait(false);
        var (manifest, map) = await MapForAsync(key, digest, cancellationToken).ConfigureAwait(false);
        var sourceKey = ImageDescription.KeyOf(manifest.Key);
        var source = sourceKey == key.Replica.Key
            ? null : await OpenAsync(sourceKey, cancellationToken).ConfigureAwait(false);
        var derivation = new SegmentDerivation(
            map, source, sourceKey == key.Replica.Key ? null : cipher,
            (number, token) => LeaseAsync(key.Snapshot, map.Source, number, urgency, token));
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new SegmentPlan(
            map.Map.LengthOf(key.Number),
            (destination, token) => LoadAsync(key, derivation, destination, token),
            _places);
    }

    /// <summary>
    /// Keeps a resident segment on disk, if its replica is kept and it is not there yet: it was made before anybody
    /// wanted that.
    /// </summary>
    public async ValueTask KeepAsync(
        SegmentKey key, SegmentCache cache, SegmentBuffer segment, CancellationToken cancellationToken)
    {
        if (inputs.Store is { } store && await kept.ContainsAsync(key.Replica, cancellationToken).ConfigureAwait(false)
            && !store.Contains(segment.Digest) && cache.Verify(segment))
        {
            await SettleAsync(store, key.Replica, segment.Digest, store.Keep(segment.Digest, segment.Span))
                .ConfigureAwait(false);
        }
    }

    /// <summary>A replica that was removed since it was asked about must not get a segment back.</summary>
    private async ValueTask SettleAsync(ReplicaStore store, ReplicaId replica, Digest digest, bool isKept)
    {
        if (isKept && !await kept.ContainsAsync(replica, CancellationToken.None).ConfigureAwait(false))
        {
            store.Remove(digest);
        }
    }

    private async ValueTask<ISectorCipher?> OpenAsync(KeyRef? key, CancellationToken cancellationToken) =>
        key is null ? null : await inputs.OpenKey(key, cancellationToken).ConfigureAwait(false);

    private async ValueTask<(Manifest Manifest, ReplicaMap Map)> MapForAsync(
        SegmentKey key, Digest digest, CancellationToken cancellationToken)
    {
        var manifest = await manifests.GetAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
        var map = ReplicaMaps.Of(manifest, key.Replica);
        if (!map.Map.Holds(key.Number, digest))
        {
            manifest = await manifests.RefreshAsync(key.Snapshot, cancellationToken).ConfigureAwait(false);
            map = ReplicaMaps.Of(manifest, key.Replica);
        }

        return map.Map.Holds(key.Number, digest) ? (manifest, map) : throw ImageErrors.NoSuchSegment(key);
    }

    private async ValueTask LoadAsync(
        SegmentKey key, SegmentDerivation derivation, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        var store = await kept.ContainsAsync(key.Replica, cancellationToken).ConfigureAwait(false)
            ? inputs.Store : null;
        var read = store is null ? StoreRead.Absent : await store.ReadAsync(digest, destination).ConfigureAwait(false);
        ledger.Record(read);
        if (read != StoreRead.Read)
        {
            await derivation.MakeAsync(key.Number, destination, cancellationToken).ConfigureAwait(false);
            ledger.Record(key, derivation.Encrypts);
            if (store is not null)
            {
                await SettleAsync(store, key.Replica, digest, store.Keep(digest, destination.Span))
                    .ConfigureAwait(false);
            }
        }
    }

    private ValueTask<SegmentBuffer> LeaseAsync(
        SnapshotId snapshot, SegmentMap source, long number, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var digest = source.DigestOf(number);
        return inputs.Lease(
            new SegmentKey(snapshot, number, digest.ToString()), digest, source.LengthOf(number), urgency,
            cancellationToken);
    }
}
