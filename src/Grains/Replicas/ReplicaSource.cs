using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>A derived replica with all that it takes to read it: its own segments, and its snapshot's.</summary>
/// <param name="Id">The replica.</param>
/// <param name="Manifest">Its snapshot's manifest.</param>
/// <param name="Map">Its map.</param>
/// <param name="Inputs">The roads to segments and keys.</param>
/// <param name="LoadTimeout">Deadline of one segment.</param>
/// <param name="Time">Its clock.</param>
internal sealed record ReplicaSource(
    ReplicaId Id, Manifest Manifest, ReplicaMap Map, DerivationInputs Inputs, TimeSpan LoadTimeout, TimeProvider Time)
{
    /// <summary>Bytes of the replica's segments that hold data.</summary>
    public long DataBytes => BytesOf(Map.Map);

    /// <summary>Bytes of the snapshot's segments that hold data.</summary>
    public long SourceBytes => BytesOf(Map.Source);

    /// <summary>The replica's segments that hold data.</summary>
    public IEnumerable<long> DataSegments() => DataSegmentsOf(Map.Map);

    /// <summary>Leases one of the replica's segments, made if it is nowhere.</summary>
    public ValueTask<SegmentBuffer> LeaseAsync(long n, CancellationToken cancellationToken)
    {
        var digest = Map.Map.DigestOf(n);
        var key = new SegmentKey(Id, n, digest.ToString(), Map.PlacementOf(n).ToString());
        return LeaseAsync(key, digest, Map.Map.LengthOf(n), cancellationToken);
    }

    /// <summary>Leases one of the snapshot's own segments.</summary>
    public ValueTask<SegmentBuffer> LeaseSourceAsync(long n, CancellationToken cancellationToken)
    {
        var digest = Map.Source.DigestOf(n);
        return LeaseAsync(
            new SegmentKey(Id.Snapshot, n, digest.ToString()), digest, Map.Source.LengthOf(n), cancellationToken);
    }

    private static long BytesOf(SegmentMap map) => DataSegmentsOf(map).Sum(n => (long)map.LengthOf(n));

    private static IEnumerable<long> DataSegmentsOf(SegmentMap map)
    {
        for (var n = map.NextData(0); n < map.SegmentCount; n = map.NextData(n + 1))
        {
            yield return n;
        }
    }

    private async ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(LoadTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await Inputs
                .Lease(key, digest, lengthBytes, FetchUrgency.Of(FetchPriority.Background), either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SegmentTimeout,
                $"Segment {key} was not there within {LoadTimeout.TotalSeconds:0.#} s.", error);
        }
    }
}
