using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows how segments come into the cluster: once, verified, bounded, and again after a loss.</summary>
public sealed class SegmentTests
{
    [Fact]
    public async Task Reads_return_the_image_and_fetch_each_data_segment_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(40 * GrainCluster.SegmentSize + 512);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var disk = await cluster.Client.OpenSnapshotAsync(snapshot);

        (await disk.ReadAllAsync()).Should().Equal(content);
        (await disk.ReadAllAsync()).Should().Equal(content);

        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content), "zero segments are never fetched");
    }

    [Fact]
    public async Task Many_readers_of_a_cold_segment_cost_one_fetch()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(4 * GrainCluster.SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Center.BeforeRead = async ct => await gate.Task.WaitAsync(ct);
        var disk = await cluster.Client.OpenSnapshotAsync(snapshot);

        var reads = Enumerable.Range(0, 200).Select(async i =>
        {
            var bytes = new byte[4096];
            await disk.ReadAsync(GrainCluster.SegmentSize + i * 64, bytes);
            return bytes.AsSpan().SequenceEqual(content.AsSpan(GrainCluster.SegmentSize + i * 64, 4096));
        }).ToArray();
        gate.SetResult();

        (await Task.WhenAll(reads)).Should().AllBeEquivalentTo(true);
        cluster.Center.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Segments_are_held_where_the_rendezvous_says()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(90 * GrainCluster.SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var disk = await cluster.Client.OpenSnapshotAsync(snapshot);
        await disk.ReadAllAsync();

        var map = await cluster.Client.GetSegmentMapAsync(snapshot);
        var nodes = cluster.Nodes.ToArray();
        var candidates = nodes.Select(node => new RendezvousNode(node.Name, node.Cache.Statistics.BudgetBytes));
        foreach (var number in Enumerable.Range(0, 90).Where(n => !map.IsZero(n)))
        {
            var digest = map.DigestOf(number);
            var owner = nodes[RendezvousHash.Choose(digest, [.. candidates])];
            owner.Cache.TryLease(digest, out var buffer).Should().BeTrue($"segment {number} belongs to {owner.Name}");
            buffer!.Release();
        }
    }

    [Fact]
    public async Task Equal_content_of_two_images_is_fetched_and_kept_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(12 * GrainCluster.SegmentSize);
        var first = await cluster.Client.OpenSnapshotAsync(await cluster.ImportAsync("one@1", content));
        var second = await cluster.Client.OpenSnapshotAsync(await cluster.ImportAsync("two@1", content));

        (await first.ReadAllAsync()).Should().Equal(content);
        (await second.ReadAllAsync()).Should().Equal(content);

        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content));
        cluster.Nodes.Sum(node => node.Cache.Statistics.Segments).Should().Be(TestImage.DataSegments(content));
    }

    [Fact]
    public async Task A_cache_of_a_tenth_of_the_image_still_serves_it_right_within_its_budget()
    {
        const int budget = 4 * GrainCluster.SegmentSize;
        await using var cluster = await GrainCluster.StartAsync(cacheBytes: budget);
        var content = TestImage.Random(120 * GrainCluster.SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);

        var copies = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
            await (await cluster.Client.OpenSnapshotAsync(snapshot)).ReadAllAsync()));

        copies.Should().AllSatisfy(copy => copy.AsSpan().SequenceEqual(content).Should().BeTrue());
        cluster.Nodes.Should().AllSatisfy(node =>
        {
            node.Cache.Statistics.UsedBytes.Should().BeLessThanOrEqualTo(budget);
            node.Cache.Statistics.Evictions.Should().BePositive();
        });
    }

    [Fact]
    public async Task A_killed_silo_costs_no_error_and_only_its_own_segments()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(60 * GrainCluster.SegmentSize);
        var disk = await cluster.Client.OpenSnapshotAsync(await cluster.ImportAsync("img@1", content));
        await disk.ReadAllAsync();
        var lost = cluster.Nodes.Single(node => node.Name == "silo-2").Cache.Statistics.Segments;
        cluster.Center.ForgetReads();

        await cluster.KillAsync("silo-2");

        (await disk.ReadAllAsync()).Should().Equal(content);
        cluster.Center.Reads.Should().Be(lost);
        lost.Should().BePositive();
    }
}
