namespace SnapshotGrains.Storage;

/// <summary>
/// Weighted rendezvous (highest random weight) hashing: every party that knows the nodes computes the same owner of a
/// segment without asking anybody, each node gets its weight's share, and a joining or leaving node moves only the
/// segments that it gains or loses. Score: −weight ÷ ln(u), u uniform in (0, 1) from key and node
/// (Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", SPAA '05).
/// </summary>
public static class RendezvousHash
{
    /// <summary>
    /// Index in <paramref name="nodes"/> of the owner of <paramref name="key"/>; −1 when there is no node with a
    /// weight above 0. The order of the nodes does not matter. Allocation-free, a few nanoseconds a node.
    /// </summary>
    public static int Choose(in Digest key, ReadOnlySpan<RendezvousNode> nodes)
    {
        var best = -1;
        var bestScore = double.NegativeInfinity;
        for (var i = 0; i < nodes.Length; i++)
        {
            if (nodes[i].Weight <= 0)
            {
                continue;
            }

            var score = Score(key.Prefix, nodes[i]);
            if (best < 0 || score > bestScore || (score == bestScore && nodes[i].Id < nodes[best].Id))
            {
                best = i;
                bestScore = score;
            }
        }

        return best;
    }

    /// <summary>
    /// Index in <paramref name="nodes"/> of the owner of one of several segments that share <paramref name="key"/> and
    /// belong on different nodes: column 0 on the best, the next ones on the next best, and round again where there are
    /// fewer nodes; −1 when there is no node with a weight above 0.
    /// </summary>
    public static int Choose(in Digest key, int column, ReadOnlySpan<RendezvousNode> nodes)
    {
        if (column == 0)
        {
            return Choose(key, nodes);
        }

        Span<int> ranking = stackalloc int[Math.Min(StripeLayout.MaxStripeCount, nodes.Length)];
        var ranked = Rank(key, nodes, ranking);
        return ranked == 0 ? -1 : ranking[column % ranked];
    }

    /// <summary>
    /// Fills <paramref name="ranking"/> with the indices of the best owners, best first, and says how many there are.
    /// The first is the one that <see cref="Choose(in Digest, ReadOnlySpan{RendezvousNode})"/> gives; the others are
    /// where read copies belong.
    /// </summary>
    public static int Rank(in Digest key, ReadOnlySpan<RendezvousNode> nodes, Span<int> ranking)
    {
        var remaining = nodes.ToArray();
        var found = 0;
        while (found < ranking.Length)
        {
            var index = Choose(key, remaining);
            if (index < 0)
            {
                break;
            }

            ranking[found++] = index;
            remaining[index] = new RendezvousNode(remaining[index].Id, 0);
        }

        return found;
    }

    /// <summary>
    /// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA '14): every input bit reaches every output bit.
    /// </summary>
    internal static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static double Score(ulong key, in RendezvousNode node)
    {
        // 53 bits and a half step: u is never 0 and never 1, so its logarithm is finite and below 0.
        var uniform = ((Mix(key ^ Mix(node.Id)) >> 11) + 0.5) * (1.0 / (1UL << 53));
        return -node.Weight / Math.Log(uniform);
    }
}
