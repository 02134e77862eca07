using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Gives out the segments of this process's silos to readers in other processes.</summary>
/// <param name="locator">Finds segments.</param>
/// <param name="nodes">All silos of the cluster.</param>
/// <param name="need">Counts what is needed of the image center.</param>
/// <param name="process">This process's silos.</param>
internal sealed class SegmentDesk(
    SegmentLocator locator, NodeDirectory nodes, OriginNeed need, SiloProcess process)
{
    /// <summary>A segment's bytes, leased, or where they are.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="dead">Silos that the reader found dead.</param>
    /// <param name="priority">Why the reader asks.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask<LocatedSegment> GiveAsync(
        SegmentKey key, IReadOnlyCollection<string> dead, FetchPriority priority, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        var found = await FindAsync(key, digest, dead, FetchUrgency.Of(priority), cancellationToken)
            .ConfigureAwait(false);
        if (found.Bytes is { } bytes && key.Replica.IsBase)
        {
            need.Add(digest, bytes.Length);
        }

        return found;
    }

    private async ValueTask<LocatedSegment> FindAsync(
        SegmentKey key, Digest digest, IReadOnlyCollection<string> dead, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        if (locator.TryTake(digest, out var resident))
        {
            return new LocatedSegment(resident, new SegmentLocation(""));
        }

        // Its grain may still be on a dead silo, as far as the cluster knows: a call would wait until it knows better.
        // Loading here and now what will be placed here then costs no second fetch.
        if (dead.Count > 0 && await nodes.GetOwnerAsync(key, dead.Contains, cancellationToken).ConfigureAwait(false)
            is { } heir && process.Find(heir.Name) is { } silo)
        {
            await silo.MakeResidentAsync(key, urgency, cancellationToken).ConfigureAwait(false);
            if (locator.TryTake(digest, out resident))
            {
                return new LocatedSegment(resident, new SegmentLocation(heir.Name));
            }
        }

        return await locator.LocateAsync(key, digest, urgency, cancellationToken).ConfigureAwait(false);
    }
}
