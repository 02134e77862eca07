using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests.Traces;

/// <summary>Shows that disks share what may be ahead of their guests.</summary>
public sealed class AheadBudgetTests
{
    /// <summary>Its own guest does nothing meanwhile: he waits for what would be loaded.</summary>
    [Fact]
    public async Task A_disk_goes_on_when_another_gives_back_what_it_held()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var image = await cluster.ImportAsync("img@1", TestImage.Random(16 * GrainCluster.SegmentSize));
        var reader = await cluster.Readers.OpenAsync(new ReplicaId(image), CancellationToken.None);
        var budget = new AheadBudget(GrainCluster.SegmentSize);
        var totals = new TraceTotals();
        var replay = new TraceReplay(
            new ReplayProgress(TracePlan.Of([1, 2, 4], reader.Base)), FetchPriority.Trace,
            new TraceSpace(reader, unitShift: 16), reader, budget, totals, TimeProvider.System);
        budget.TryTake(GrainCluster.SegmentSize).Should().BeTrue();
        using var end = new CancellationTokenSource();
        var running = replay.RunAsync(end.Token);
        budget.TryTake(1).Should().BeFalse();

        budget.Give(GrainCluster.SegmentSize);

        await Eventually.IsTrueAsync(() => Task.FromResult(reader.IsAtHand(1)), "the first segment is loaded ahead");
        reader.IsAtHand(2).Should().BeFalse("there is room for one");
        await end.CancelAsync();
        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        budget.TryTake(GrainCluster.SegmentSize).Should().BeTrue();
    }
}
