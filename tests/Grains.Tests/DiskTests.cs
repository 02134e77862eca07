namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that clones are instant metadata, that calls can be repeated, and that parents are guarded.</summary>
public sealed class DiskTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_clone_reads_as_its_snapshot_and_fetches_nothing_when_created()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(5 * GrainCluster.SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);

        var clone = await cluster.Client.CloneAsync(snapshot, "vm-1");
        cluster.Center.Reads.Should().Be(0);

        clone.Should().BeEquivalentTo(new { Name = "vm-1", Parent = snapshot, SizeBytes = (long)content.Length });
        (await (await cluster.Client.OpenDiskAsync("vm-1")).ReadAllAsync()).Should().Equal(content);
    }

    [Fact]
    public async Task A_thousand_clones_in_one_call_are_exactly_a_thousand_even_when_repeated()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(1000));
        var names = Enumerable.Range(0, 1000).Select(i => $"vm-{i:0000}").ToArray();

        var created = await cluster.Client.Control.CloneAsync(snapshot, names, HydrationMode.Background, None);
        var again = await cluster.Client.Control.CloneAsync(snapshot, names, HydrationMode.Background, None);

        created.Select(disk => disk.Name).Should().Equal(names);
        again.Should().Equal(created);
        (await cluster.Client.Control.ListDisksAsync(None)).Select(disk => disk.Name).Should().Equal(names);
        (await cluster.Client.Control.GetImageAsync(snapshot, None)).Disks.Should().Be(1000);
    }

    [Fact]
    public async Task A_name_taken_by_another_snapshots_clone_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var one = await cluster.ImportAsync("one@1", TestImage.Random(1000));
        var two = await cluster.ImportAsync("two@1", TestImage.Random(1000));
        await cluster.Client.CloneAsync(one, "vm");

        await ShouldFailAsync(() => cluster.Client.CloneAsync(two, "vm"), ErrorCode.AlreadyExists, "one@1");
        (await cluster.Client.Control.GetDiskAsync("vm", None)).Parent.Should().Be(one);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("../etc")]
    [InlineData("-x")]
    [InlineData("a b")]
    public async Task A_bad_name_is_refused(string name)
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(1000));

        await ShouldFailAsync(() => cluster.Client.CloneAsync(snapshot, name), ErrorCode.BadRequest, $"'{name}'");
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var missing = SnapshotId.Parse("no@such");

        await ShouldFailAsync(() => cluster.Client.CloneAsync(missing, "vm"), ErrorCode.NotFound, "no");
        await ShouldFailAsync(() => cluster.Client.OpenDiskAsync("vm"), ErrorCode.NotFound, "'vm'");
        await ShouldFailAsync(() => cluster.Client.Control.DeleteDiskAsync("vm", None), ErrorCode.NotFound, "'vm'");
        await ShouldFailAsync(() => cluster.Client.OpenSnapshotAsync(missing), ErrorCode.NotFound, "no");
    }

    [Fact]
    public async Task A_snapshot_with_disks_cannot_be_deleted_and_without_them_can()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(1000));
        await cluster.Client.CloneAsync(snapshot, "vm");

        await ShouldFailAsync(
            () => cluster.Client.Control.DeleteImageAsync(snapshot, isDeferred: false, None),
            ErrorCode.InUse,
            "1 disks");
        await cluster.Client.Control.DeleteDiskAsync("vm", None);
        await cluster.Client.Control.DeleteImageAsync(snapshot, isDeferred: false, None);

        (await cluster.Client.Control.ListImagesAsync(None)).Should().BeEmpty();
    }

    [Fact]
    public async Task Nodes_tell_their_name_budget_and_traffic()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 3, cacheBytes: 32 << 20);
        var content = TestImage.Random(20 * GrainCluster.SegmentSize);
        var disk = await cluster.Client.OpenSnapshotAsync(await cluster.ImportAsync("img@1", content));
        await disk.ReadAllAsync();

        var nodes = await cluster.Client.Control.ListNodesAsync(None);

        nodes.Select(node => node.Name).Should().Equal("silo-0", "silo-1", "silo-2");
        nodes.Should().AllSatisfy(node => node.Cache.BudgetBytes.Should().Be(32 << 20));
        nodes.Sum(node => node.Origin.SegmentsFetched).Should().Be(TestImage.DataSegments(content));
        nodes.Sum(node => node.Origin.SegmentsRefetched).Should().Be(0);
    }

    private static async Task ShouldFailAsync(Func<Task> act, ErrorCode code, string says)
    {
        var failure = await act.Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(code);
        failure.Which.Message.Should().Contain(says);
    }
}
