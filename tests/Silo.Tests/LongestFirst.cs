using Xunit.Abstractions;

[assembly: TestCollectionOrderer("SnapshotGrains.Silo.Tests.LongestFirst", "SnapshotGrains.Silo.Tests")]

namespace SnapshotGrains.Silo.Tests;

/// <summary>
/// Begins with the class that takes as long as many others: left to chance, it ran on when all were done.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private const string Longest = $".{nameof(Crash.KillTests)}";

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(tests => tests.DisplayName.EndsWith(Longest, StringComparison.Ordinal));
}
