using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Placement;

/// <summary>The silos as cache nodes and homes of disks, by what each announces in its metadata.</summary>
internal sealed class CacheNodes(ISiloMetadataCache metadata, Drains drains)
{
    private readonly ConcurrentDictionary<SiloAddress, AnnouncedNode> _nodes = new();

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

        silos = Staying(silos);

        // Equal scores are all but impossible, but then the order must not depend on who asks.
        Array.Sort(silos);
        Span<RendezvousNode> nodes = new RendezvousNode[silos.Length];
        for (var i = 0; i < silos.Length; i++)
        {
            nodes[i] = NodeOf(silos[i]).Node;
        }

        return silos[RendezvousHash.Choose(digest, column, nodes)];
    }

    /// <summary>The silo among <paramref name="silos"/> that should keep a disk.</summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="home">The directory that has its blocks; null while it has none.</param>
    /// <param name="silos">Those that can host it.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none has that directory.
    /// </exception>
    public SiloAddress ChooseHome(string disk, Guid? home, SiloAddress[] silos)
    {
        var homes = home is null ? silos : Array.FindAll(silos, silo => NodeOf(silo).Home == home);
        return homes.Length > 0
            ? Choose(Digest.Compute(Encoding.UTF8.GetBytes(disk)), column: 0, homes)
            : throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"The node that has the blocks of disk '{disk}' (directory {home}) is not up; start it again.");
    }

    /// <summary>Whether a silo is to take nothing new.</summary>
    public bool IsDraining(SiloAddress silo) => drains.Contains(NameOf(silo), silo);

    /// <summary>Whether a silo other than <paramref name="self"/>, which does not go too, has a directory.</summary>
    public bool IsHomeElsewhere(Guid home, SiloAddress self, IEnumerable<SiloAddress> silos) =>
        silos.Any(silo => !silo.Equals(self) && NodeOf(silo).Home == home && !IsDraining(silo));

    /// <summary>Those that take new segments and disks; all, when none is to stay.</summary>
    private SiloAddress[] Staying(SiloAddress[] silos)
    {
        var staying = Array.FindAll(silos, silo => !IsDraining(silo));
        return staying.Length > 0 ? staying : silos;
    }

    private string NameOf(SiloAddress silo) =>
        metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloMetadataKeys.NodeName, "");

    private AnnouncedNode NodeOf(SiloAddress silo)
    {
        if (_nodes.TryGetValue(silo, out var known))
        {
            return known;
        }

        var announced = metadata.GetSiloMetadata(silo).Metadata;
        if (!announced.TryGetValue(SiloMetadataKeys.NodeName, out var name)
            || !announced.TryGetValue(SiloMetadataKeys.CacheBytes, out var weight)
            || !announced.TryGetValue(SiloMetadataKeys.Home, out var home)
            || !long.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var cacheBytes)
            || !Guid.TryParse(home, out var directory))
        {
            // Not announced yet: the silo has just joined. It counts as an average one, and is asked again.
            return new AnnouncedNode(new RendezvousNode(silo.ToParsableString(), 1L << 30), Guid.Empty);
        }

        return _nodes[silo] = new AnnouncedNode(new RendezvousNode(name, cacheBytes), directory);
    }
}
