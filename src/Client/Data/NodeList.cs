using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Silos at a moment, and which of them owns what.</summary>
internal sealed class NodeList
{
    private readonly NodeInfo[] _owners;
    private readonly RendezvousNode[] _weights;

    /// <param name="nodes">The silos that answered.</param>
    /// <param name="listedAt">When they did, as a timestamp of the clock.</param>
    public NodeList(IReadOnlyList<NodeInfo> nodes, long listedAt)
    {
        (Nodes, ListedAt) = (nodes, listedAt);
        var reachable = nodes.Where(node => node.Endpoints is not null).ToArray();
        var active = Array.FindAll(reachable, node => node.State == NodeState.Active);
        _owners = active.Length > 0 ? active : reachable; // when all are to go, somebody must serve meanwhile
        _weights = Array.ConvertAll(_owners, node => new RendezvousNode(node.Name, node.Cache.BudgetBytes));
    }

    public IReadOnlyList<NodeInfo> Nodes { get; }

    public long ListedAt { get; }

    /// <summary>The silo that should hold a segment; null when none is known.</summary>
    public NodeInfo? OwnerOf(SegmentKey key) => Choose(key, _weights);

    /// <summary>As <see cref="OwnerOf(SegmentKey)"/>, as if those that are left out were gone.</summary>
    public NodeInfo? OwnerOf(SegmentKey key, Func<string, bool> isLeftOut)
    {
        var weights = _weights.ToArray();
        for (var i = 0; i < weights.Length; i++)
        {
            if (isLeftOut(_owners[i].Name))
            {
                weights[i] = new RendezvousNode(weights[i].Id, 0);
            }
        }

        return Choose(key, weights);
    }

    /// <summary>The silos where copies of a segment belong, best first, its owner among them.</summary>
    public IEnumerable<NodeInfo> Rank(SegmentKey key)
    {
        var ranking = new int[_owners.Length];
        var ranked = RendezvousHash.Rank(Digest.Parse(key.PlacementHex), _weights, ranking);
        return ranking.Take(ranked).Select(index => _owners[index]);
    }

    private NodeInfo? Choose(SegmentKey key, RendezvousNode[] weights)
    {
        var index = RendezvousHash.Choose(Digest.Parse(key.PlacementHex), key.Column, weights);
        return index < 0 ? null : _owners[index];
    }
}
