using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that the silos of a striped disk's columns work at the same time for one sequential reader.</summary>
public sealed class ColumnTests
{
    private const int SegmentSize = GrainCluster.SegmentSize;

    [Fact]
    public async Task A_sequential_cold_read_has_all_four_silos_loading_at_once()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 4);
        var content = TestImage.Random(64 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var format = new StripeFormat(4 * SegmentSize, SegmentSize, 4);
        var disk = await cluster.Client.CloneAsync(
            snapshot, "vm", new CloneOptions(HydrationMode.None, new DiskLayout(4 * SegmentSize, SegmentSize, 4)));
        disk.Format.Should().Be(format);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Center.BeforeRead = async ct => await gate.Task.WaitAsync(ct);
        await using var attached = await cluster.Client.OpenDiskAsync("vm", DiskAccess.ReadOnly);

        // One row of the first set: a unit of each column, which is less than one request of a sequential reader.
        var row = new byte[4 * SegmentSize];
        var read = attached.ReadManyAsync(0, row).AsTask();
        await Eventually.IsTrueAsync(
            () => Task.FromResult(cluster.Nodes.All(node => node.Cache.Statistics.LoadingBytes >= 4 * SegmentSize)),
            "each silo makes a segment, four times as large as those of the image center, which holds everything up");
        gate.SetResult();
        await read;

        row.Should().Equal(content[..row.Length]);
    }
}
