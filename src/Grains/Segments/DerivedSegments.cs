using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Segments of derived replicas: gathered from base segments, wherever in the cluster these are, and encrypted. Each is
/// made once for all disks of its format and key; where a replica is kept, also once for all times.
/// </summary>
internal sealed class DerivedSegments(
    ManifestCache manifests,
    DerivationInputs inputs,
    KeptReplicas kept,
    CacheNodeOptions options,
    DerivationLedger ledger) : ISegmentOrigin
{
    /// <summary>Base segments that one derivation holds at a time.</summary>
    private const int Parallelism = 4;

    /// <summary>
    /// A derivation holds memory for its segment while it waits for base segments, which need memory too. All that are
    /// under way together take a part of the budget only, so they cannot starve each other.
    /// </summary>
    private const int BudgetShare = 32;

    private const int MaxDerivations = 16;

    private readonly SemaphoreSlim _places = new((int)Math.Clamp(
        options.CacheBytes / BudgetShare / SegmentMap.DefaultSegmentSizeBytes, 1, MaxDerivations));

    public async ValueTask<SegmentPlan> PlanAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        // Also where no cipher is needed: without its key nothing of a replica is served.
        var cipher = await OpenAsync(key.Replica.Key, cancellationToken).ConfigureAwait(false);
        var (manifest, map) = await MapForAsync(key, digest, cancellationToken).ConfigureAwait(false);
        var sourceKey = ImageDescription.KeyOf(manifest.Key);
        var source = sourceKey == key.Replica.Key
            ? null : await OpenAsync(sourceKey, cancellationToken).ConfigureAwait(false);
        var change = new CipherChange(source, sourceKey == key.Replica.Key ? null : cipher);
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new SegmentPlan(
            map.Map.LengthOf(key.Number),
            (destination, token) => LoadAsync(key, map, change, destination, urgency, token),
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
        SegmentKey key, ReplicaMap map, CipherChange change, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        var store = await kept.ContainsAsync(key.Replica, cancellationToken).ConfigureAwait(false)
            ? inputs.Store : null;
        var read = store is null ? StoreRead.Absent : await store.ReadAsync(digest, destination).ConfigureAwait(false);
        ledger.Record(read);
        if (read != StoreRead.Read)
        {
            await DeriveAsync(key, map, change, destination, urgency, cancellationToken).ConfigureAwait(false);
            if (store is not null)
            {
                await SettleAsync(store, key.Replica, digest, store.Keep(digest, destination.Span))
                    .ConfigureAwait(false);
            }
        }
    }

    private async ValueTask DeriveAsync(
        SegmentKey key, ReplicaMap map, CipherChange change, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        await GatherAsync(key, map, destination, urgency, cancellationToken).ConfigureAwait(false);
        if (!change.IsNone)
        {
            Apply(change, map.PartsOf(key.Number), destination.Span);
        }

        ledger.Record(key, change.Encrypts);
    }

    /// <summary>The last sector of a snapshot may be short: it is encrypted with the zeros behind it.</summary>
    private static void Apply(
        CipherChange change, IEnumerable<(long Offset, int Length)> parts, Span<byte> segment)
    {
        foreach (var (offset, length) in parts)
        {
            var sectors = segment[..(int)Math.Min(StripeLayout.RoundUp(length), segment.Length)];
            change.Apply(sectors, offset / StripeLayout.MinUnitBytes);
            segment = segment[sectors.Length..];
        }
    }

    private async Task GatherAsync(
        SegmentKey key, ReplicaMap map, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        var copies = SegmentCopy.Of(map, key.Number)
            .Where(copy => !map.Source.IsZero(copy.Source)).GroupBy(copy => copy.Source).ToList();
        if (copies.Sum(group => group.Sum(copy => copy.Length)) < destination.Length)
        {
            destination.Span.Clear();
        }

        await Parallel.ForEachAsync(
            copies,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            (group, token) => CopyAsync(key.Snapshot, map.Source, group.Key, group, destination, urgency, token))
            .ConfigureAwait(false);
    }

    private async ValueTask CopyAsync(
        SnapshotId snapshot, SegmentMap source, long number, IEnumerable<SegmentCopy> copies, Memory<byte> destination,
        FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var digest = source.DigestOf(number);
        var segment = await inputs.Lease(
            new SegmentKey(snapshot, number, digest.ToString()), digest, source.LengthOf(number), urgency,
            cancellationToken)
            .ConfigureAwait(false);
        try
        {
            foreach (var copy in copies)
            {
                segment.Span.Slice(copy.From, copy.Length).CopyTo(destination.Span[copy.To..]);
            }
        }
        finally
        {
            segment.Release();
        }
    }
}
