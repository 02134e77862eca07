using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Placement;

/// <summary>The silos as cache nodes: the name and weight that each announces in its metadata.</summary>
internal sealed class CacheNodes(ISiloMetadataCache metadata)
{
    private readonly ConcurrentDictionary<SiloAddress, RendezvousNode> _nodes = new();

    /// <summary>The silo among <paramref name="silos"/> that should hold a segment.</summary>
    /// <param name="digest">What ranks the silos.</param>
    /// <param name="column">Which of them, best first, is meant; goes round when there are fewer.</param>
    /// <param name="silos">Those that can host it.</param>
    public SiloAddress Choose(Digest digest, int column, SiloAddress[] silos)
    {
        if (silos.Length == 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, "No silo of the cluster can host segments; is one running?");
        }

        // Equal scores are all but impossible, but then the order must not depend on who asks.
        Array.Sort(silos);
        Span<RendezvousNode> nodes = new RendezvousNode[silos.Length];
        for (var i = 0; i < silos.Length; i++)
        {
            nodes[i] = NodeOf(silos[i]);
        }

        return silos[RendezvousHash.Choose(digest, column, nodes)];
    }

    private RendezvousNode NodeOf(SiloAddress silo)
    {
        if (_nodes.TryGetValue(silo, out var known))
        {
            return known;
        }

        var announced = metadata.GetSiloMetadata(silo).Metadata;
        if (!announced.TryGetValue(SiloMetadataKeys.NodeName, out var name)
            || !announced.TryGetValue(SiloMetadataKeys.CacheBytes, out var weight)
            || !long.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var cacheBytes))
        {
            // Not announced yet: the silo has just joined. It counts as an average one, and is asked again.
            return new RendezvousNode(silo.ToParsableString(), 1L << 30);
        }

        return _nodes[silo] = new RendezvousNode(name, cacheBytes);
    }
}
