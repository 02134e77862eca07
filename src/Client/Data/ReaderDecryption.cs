using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Decrypts at the reader's end: the plaintext of an encrypted snapshot is not sent between processes, so whoever reads
/// a disk without a key that was cloned from one makes its segments himself, of the ciphertext.
/// </summary>
/// <param name="cache">Keeps what was decrypted, for all readers of this process.</param>
/// <param name="open">Opens keys.</param>
/// <param name="time">The clock.</param>
public sealed class ReaderDecryption(
    SegmentCache cache, Func<KeyRef, CancellationToken, ValueTask<DataKey>> open, TimeProvider time)
{
    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _demands = SegmentDerivation.PlacesIn(cache.BudgetBytes);

    /// <summary>What nobody waits for has places of its own.</summary>
    private readonly SemaphoreSlim _others = SegmentDerivation.PlacesIn(cache.BudgetBytes);

    /// <summary>The segments of a replica without a key.</summary>
    /// <param name="ciphertext">Where the snapshot's own segments come from.</param>
    /// <param name="replica">The replica.</param>
    /// <param name="map">Its map.</param>
    /// <param name="key">The key that the snapshot is under.</param>
    internal IDataPlane Over(IDataPlane ciphertext, ReplicaId replica, ReplicaMap map, KeyRef key) =>
        new PlainSegments(this, ciphertext, replica, map, key);

    /// <summary>The node that is asked for the key may be restarting: that is no reason to fail a read.</summary>
    private async ValueTask<DataKey> OpenAsync(KeyRef key, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await open(key, cancellationToken).ConfigureAwait(false);
            }
            catch (SnapshotGrainsException error) when (error.IsTransient)
            {
                await Task.Delay(BackOff, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<SegmentBuffer> LeaseAsync(
        Digest digest, int lengthBytes, SegmentLoad make, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        try
        {
            return await cache.TryJoinAsync(digest, urgency, cancellationToken).ConfigureAwait(false)
                ?? await MakeInTurnAsync(digest, lengthBytes, make, urgency, cancellationToken).ConfigureAwait(false);
        }
        catch (CacheExhaustedException error)
        {
            throw new SnapshotGrainsException(ErrorCode.CacheExhausted, error.Message, error);
        }
    }

    /// <summary>The place comes first, then the memory.</summary>
    private async ValueTask<SegmentBuffer> MakeInTurnAsync(
        Digest digest, int lengthBytes, SegmentLoad make, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var places = urgency.Priority == FetchPriority.Demand ? _demands : _others;
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await cache.GetOrLoadAsync(
                digest, lengthBytes, make, cancellationToken, isDerived: false, urgency).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    private sealed class PlainSegments(
        ReaderDecryption owner, IDataPlane ciphertext, ReplicaId replica, ReplicaMap map, KeyRef key) : IDataPlane
    {
        public ValueTask<SnapshotMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
            ciphertext.GetSegmentMapAsync(snapshot, cancellationToken);

        public ValueTask<SegmentBuffer> LeaseAsync(
            SegmentKey segment, Digest digest, int lengthBytes, FetchUrgency urgency,
            CancellationToken cancellationToken) => owner.LeaseAsync(
                digest, lengthBytes,
                async (destination, token) => await new SegmentDerivation(
                    map, await owner.OpenAsync(key, token).ConfigureAwait(false), to: null,
                    (source, end) => LeaseSourceAsync(source, urgency, end))
                    .MakeAsync(segment.Number, destination, token).ConfigureAwait(false),
                urgency, cancellationToken);

        /// <summary>Nobody else can make it.</summary>
        public ValueTask<bool?> PrepareAsync(
            SegmentKey segment, Digest digest, CancellationToken cancellationToken) => new((bool?)null);

        private ValueTask<SegmentBuffer> LeaseSourceAsync(
            long number, FetchUrgency urgency, CancellationToken cancellationToken)
        {
            var digest = map.Source.DigestOf(number);
            return ciphertext.LeaseAsync(
                new SegmentKey(replica.Snapshot, number, digest.ToString()), digest, map.Source.LengthOf(number),
                urgency, cancellationToken);
        }
    }
}
