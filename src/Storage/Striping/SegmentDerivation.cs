namespace SnapshotGrains.Storage;

/// <summary>
/// How the segments of a replica are made: gathered from the snapshot's own segments, in the replica's order, and
/// brought from one key to another.
/// </summary>
/// <param name="map">The replica.</param>
/// <param name="from">The key that the snapshot's own segments are under; null for none, or where it stays.</param>
/// <param name="to">The key that the replica is under; likewise.</param>
/// <param name="lease">Lends one of the snapshot's own segments by its number.</param>
public sealed class SegmentDerivation(
    ReplicaMap map, ISectorCipher? from, ISectorCipher? to,
    Func<long, CancellationToken, ValueTask<SegmentBuffer>> lease)
{
    /// <summary>Segments that one derivation holds at a time.</summary>
    private const int Parallelism = 4;

    private const int MaxUnderWay = 16;

    /// <summary>All that are under way take this part of a cache at most.</summary>
    private const int BudgetShare = 32;

    /// <summary>Sectors that fit the processor's cache: both passes find them there.</summary>
    private const int PieceBytes = 64 << 10;

    /// <summary>Whether what it makes is encrypted here.</summary>
    public bool Encrypts => to is not null;

    /// <summary>
    /// Places for those that are under way at a time into one cache. Each holds memory for its segment while it waits
    /// for the snapshot's own, which need memory too: with a place taken first, they cannot starve each other.
    /// </summary>
    /// <param name="cacheBytes">The cache's budget.</param>
    public static SemaphoreSlim PlacesIn(long cacheBytes) => new((int)Math.Clamp(
        cacheBytes / BudgetShare / SegmentMap.DefaultSegmentSizeBytes, 1, MaxUnderWay));

    /// <summary>Makes a segment.</summary>
    /// <param name="number">The segment's number.</param>
    /// <param name="destination">As long as the segment.</param>
    /// <param name="cancellationToken">The deadline.</param>
    public async ValueTask MakeAsync(long number, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await GatherAsync(number, destination, cancellationToken).ConfigureAwait(false);
        if (from is not null || to is not null)
        {
            ChangeKey(number, destination.Span);
        }
    }

    private async Task GatherAsync(long number, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var copies = SegmentCopy.Of(map, number)
            .Where(copy => !map.Source.IsZero(copy.Source)).GroupBy(copy => copy.Source).ToList();
        if (copies.Sum(group => group.Sum(copy => copy.Length)) < destination.Length)
        {
            destination.Span.Clear();
        }

        await Parallel.ForEachAsync(
            copies,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            (group, token) => CopyAsync(group.Key, group, destination, token)).ConfigureAwait(false);
    }

    private async ValueTask CopyAsync(
        long source, IEnumerable<SegmentCopy> copies, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var segment = await lease(source, cancellationToken).ConfigureAwait(false);
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

    /// <summary>The last sector of a snapshot may be short: it is encrypted with the zeros behind it.</summary>
    private void ChangeKey(long number, Span<byte> segment)
    {
        foreach (var (offset, length) in map.PartsOf(number))
        {
            var sectors = segment[..(int)Math.Min(StripeLayout.RoundUp(length), segment.Length)];
            ChangeKey(sectors, offset / StripeLayout.MinUnitBytes);
            segment = segment[sectors.Length..];
        }
    }

    private void ChangeKey(Span<byte> sectors, long firstSector)
    {
        while (!sectors.IsEmpty)
        {
            var piece = sectors[..Math.Min(PieceBytes, sectors.Length)];
            if (from is not null)
            {
                SparseSectors.Decrypt(from, piece, piece, firstSector);
            }

            to?.Encrypt(piece, piece, firstSector);
            sectors = sectors[piece.Length..];
            firstSector += piece.Length / StripeLayout.MinUnitBytes;
        }
    }
}
