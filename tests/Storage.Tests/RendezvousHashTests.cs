namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that owners are balanced by weight, agree everywhere, and move as little as possible.</summary>
public sealed class RendezvousHashTests
{
    private const int KeyCount = 100_000;

    private static readonly Digest[] Keys = [.. Enumerable.Range(0, KeyCount)
        .Select(i => Digest.Compute(BitConverter.GetBytes(i)))];

    private static readonly RendezvousNode[] Nodes =
        [new("silo-a", 1L << 30), new("silo-b", 2L << 30), new("silo-c", 1L << 30)];

    /// <summary>Weights 1 : 2 : 1 give shares of a quarter, a half and a quarter, within 5 %.</summary>
    [Fact]
    public void Shares_follow_weights()
    {
        var counts = new int[Nodes.Length];
        foreach (var key in Keys)
        {
            counts[RendezvousHash.Choose(key, Nodes)]++;
        }

        counts[0].Should().BeCloseTo(25_000, 1250);
        counts[1].Should().BeCloseTo(50_000, 2500);
        counts[2].Should().BeCloseTo(25_000, 1250);
    }

    /// <summary>
    /// A joining node takes only what it owns from now on; a leaving one gives away only what it owned.
    /// </summary>
    [Fact]
    public void Movement_is_minimal()
    {
        RendezvousNode[] more = [.. Nodes, new("silo-d", 1L << 30)];
        var moved = 0;
        foreach (var key in Keys)
        {
            var before = RendezvousHash.Choose(key, Nodes);
            var after = RendezvousHash.Choose(key, more);
            moved += before == after ? 0 : 1;
            (after == before || after == 3).Should().BeTrue();
        }

        moved.Should().BeCloseTo(KeyCount / 5, KeyCount / 100);
    }

    /// <summary>The order in which nodes are known does not matter, nor do nodes without weight.</summary>
    [Fact]
    public void Order_does_not_matter()
    {
        RendezvousNode[] shuffled = [Nodes[2], new("drained", 0), Nodes[0], Nodes[1]];
        foreach (var key in Keys.AsSpan(0, 10_000))
        {
            var same = shuffled[RendezvousHash.Choose(key, shuffled)].Equals(Nodes[RendezvousHash.Choose(key, Nodes)]);
            same.Should().BeTrue();
        }
    }

    /// <summary>
    /// The function is pinned, to values that another implementation of it gave: all builds must agree on owners.
    /// </summary>
    [Fact]
    public void Owners_never_change()
    {
        RendezvousNode.StableId("silo-a").Should().Be(0xD412A9391B2BDEB1UL);
        var owners = Keys[..40].Select(key => RendezvousHash.Choose(key, Nodes));
        string.Concat(owners).Should().Be("0112210211202100110112111221111020011221");
    }

    /// <summary>The ranking starts with the owner and names every weighted node once.</summary>
    [Fact]
    public void Ranking_starts_with_the_owner()
    {
        var ranking = new int[5];
        foreach (var key in Keys.AsSpan(0, 1000))
        {
            RendezvousHash.Rank(key, Nodes, ranking).Should().Be(3);
            ranking[0].Should().Be(RendezvousHash.Choose(key, Nodes));
            ranking[..3].Order().SequenceEqual([0, 1, 2]).Should().BeTrue();
        }
    }

    /// <summary>Without a node there is no owner, and senseless weights are refused.</summary>
    [Fact]
    public void Degenerate_inputs()
    {
        RendezvousHash.Choose(Keys[0], []).Should().Be(-1);
        RendezvousHash.Choose(Keys[0], [new("a", 0)]).Should().Be(-1);
        foreach (var weight in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            FluentActions.Invoking(() => new RendezvousNode("a", weight)).Should().Throw<ArgumentException>();
        }
    }
}
