using SnapshotGrains.Client;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Segments;

/// <summary>Gives out the segments of this process's silos to readers in other processes.</summary>
/// <param name="locator">Finds segments.</param>
/// <param name="nodes">All silos of the cluster.</param>
/// <param name="roads">Bring copies of segments that other processes cannot send often enough.</param>
/// <param name="need">Counts what is needed of the image center.</param>
/// <param name="process">This process's silos.</param>
internal sealed class SegmentDesk(
    SegmentLocator locator, NodeDirectory nodes, ProcessRoads roads, OriginNeed need, SiloProcess process)
{
    private readonly HotSegments _hot = new(TimeProvider.System);
    private uint _turn;

    /// <summary>A segment's bytes, leased, or where they are.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <param name="wish">How the reader wants it.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask<LocatedSegment> GiveAsync(
        SegmentKey key, int lengthBytes, SegmentWish wish, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        if (wish.CopyOf is { } owner && process.Find(owner) is null)
        {
            var copy = await roads.LeaseCopyAsync(key, digest, lengthBytes, owner, cancellationToken)
                .ConfigureAwait(false);
            return new LocatedSegment(copy);
        }

        var found = await FindAsync(key, digest, wish.Dead, FetchUrgency.Of(wish.Priority), cancellationToken)
            .ConfigureAwait(false);
        if (found.Bytes is not { } bytes || !wish.IsForBytes)
        {
            return found;
        }

        if (key.Replica.IsBase)
        {
            need.Add(digest, bytes.Length);
        }

        var copies = _hot.Count(digest, bytes.Length);
        return copies == 0 || wish.IsSilo
            ? found : await ShareAsync(found, key, copies, wish.Dead, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a segment's bytes back, and says where a copy is, when it is another process's turn.</summary>
    private async ValueTask<LocatedSegment> ShareAsync(
        LocatedSegment found, SegmentKey key, int copies, IReadOnlyCollection<string> dead,
        CancellationToken cancellationToken)
    {
        try
        {
            if (process.SiloNames is not [var self, ..]
                || await ChooseCopyAsync(key, copies, dead, cancellationToken).ConfigureAwait(false) is not { } other)
            {
                return found;
            }

            found.Bytes!.Release();
            return new LocatedSegment(null, other, CopyOf: self);
        }
        catch (Exception)
        {
            found.Bytes!.Release();
            throw;
        }
    }

    /// <summary>
    /// One of the processes that are to have copies, in turn; null for this one. Which ones have them follows from
    /// the segment, so they are the same as long as the cluster is.
    /// </summary>
    private async ValueTask<SegmentLocation?> ChooseCopyAsync(
        SegmentKey key, int copies, IReadOnlyCollection<string> dead, CancellationToken cancellationToken)
    {
        var ranked = await nodes.RankAsync(key, cancellationToken).ConfigureAwait(false);
        var others = ranked.Where(node => process.Find(node.Name) is null && !dead.Contains(node.Name))
            .DistinctBy(node => node.Endpoints!.Http).Take(copies).ToArray();
        var turn = Interlocked.Increment(ref _turn) % (uint)(others.Length + 1);
        return turn == others.Length ? null : new SegmentLocation(others[turn].Name, others[turn].Endpoints!.Http);
    }

    private async ValueTask<LocatedSegment> FindAsync(
        SegmentKey key, Digest digest, IReadOnlyCollection<string> dead, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        if (locator.TryTake(digest, out var resident))
        {
            return new LocatedSegment(resident);
        }

        // Its grain may still be on a dead silo, as far as the cluster knows: a call would wait until it knows better.
        // Loading here and now what will be placed here then costs no second fetch.
        if (dead.Count > 0 && await nodes.GetOwnerAsync(key, dead.Contains, cancellationToken).ConfigureAwait(false)
            is { } heir && process.Find(heir.Name) is { } silo)
        {
            await silo.MakeResidentAsync(key, urgency, cancellationToken).ConfigureAwait(false);
            if (locator.TryTake(digest, out resident))
            {
                return new LocatedSegment(resident);
            }
        }

        return await locator.LocateAsync(key, digest, urgency, cancellationToken).ConfigureAwait(false);
    }
}
