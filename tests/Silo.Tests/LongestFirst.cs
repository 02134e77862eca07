using Xunit.Abstractions;

[assembly: TestCollectionOrderer("SnapshotGrains.Silo.Tests.LongestFirst", "SnapshotGrains.Silo.Tests")]

namespace SnapshotGrains.Silo.Tests;

/// <summary>
/// Begins with the classes that take as long as many others: left to chance, they ran on when all were done.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // By name, as each engine has some of its own.
    private static readonly string[] Longest =
    [
        ".Crash.KillTests", ".Cluster.MembershipTests", ".Cluster.ClusterAgentTests", ".Interop.NbdToolTests",
        ".Cluster.StateTests", ".Cluster.FrozenNodeTests",
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(RankOf);

    private static int RankOf(ITestCollection tests)
    {
        var rank = Array.FindIndex(Longest, name => tests.DisplayName.EndsWith(name, StringComparison.Ordinal));
        return rank < 0 ? Longest.Length : rank;
    }
}
