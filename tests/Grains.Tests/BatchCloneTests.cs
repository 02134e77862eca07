using System.Text.Json;
using SnapshotGrains.Client;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that a batch clone creates exactly the disks asked for, and says of each what became of it
/// (test catalogue 23).</summary>
public sealed class BatchCloneTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public async Task A_batch_creates_exactly_what_it_was_asked_for_and_once_only(int count)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var spec = new BatchCloneSpec(await ImportAsync(cluster), "vm-", count);

        await cluster.Control.StartBatchCloneAsync("op", spec, None);
        var batch = await EndOfAsync(cluster, "op", spec);
        var disks = await cluster.Control.ListDisksAsync(None);
        var again = await cluster.Control.StartBatchCloneAsync("op", spec, None);

        batch.Should().BeEquivalentTo(new
        {
            Id = "op", State = BatchCloneState.Succeeded, Total = count, Created = count, Failed = 0,
            Problem = (string?)null,
        });
        batch.EndedAt.Should().BeOnOrAfter(batch.StartedAt);
        disks.Select(disk => disk.Name).Should().Equal(NamesOf(spec));
        disks.Should().OnlyContain(disk => disk.Parent == spec.Snapshot);
        again.Should().Be(batch);
        (await cluster.Control.ListDisksAsync(None)).Should().Equal(disks, "the second start creates nothing");
        (await AllResultsAsync(cluster, "op")).Should().Equal(
            Enumerable.Range(1, count).Select(i => new BatchCloneResult($"vm-{i}", true)));
        cluster.Center.Reads.Should().Be(0, "a clone is metadata");
    }

    [Fact]
    public async Task Names_and_numbers_may_be_given_and_the_hydration_mode_reaches_the_disks()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var snapshot = await ImportAsync(cluster);
        var named = new BatchCloneSpec(snapshot, Hydration: HydrationMode.None, Names: ["web", "db", "cache"]);
        var numbered = new BatchCloneSpec(snapshot, "vm", 2, First: 9, Hydration: HydrationMode.Eager);

        await cluster.Control.StartBatchCloneAsync("named", named, None);
        await cluster.Control.StartBatchCloneAsync("numbered", numbered, None);

        (await cluster.Control.ListDisksAsync(None)).Select(disk => (disk.Name, disk.Hydration)).Should().Equal(
            ("cache", HydrationMode.None), ("db", HydrationMode.None), ("vm10", HydrationMode.Eager),
            ("vm9", HydrationMode.Eager), ("web", HydrationMode.None));
        (await cluster.Control.ListDisksAsync(None)).Where(disk => disk.State != DiskState.Created)
            .Select(disk => disk.Name).Should().Equal(["vm10", "vm9"], "only the eager ones start");
    }

    [Fact]
    public async Task An_id_stands_for_one_specification()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var spec = new BatchCloneSpec(await ImportAsync(cluster), "vm-", 10);
        await cluster.Control.StartBatchCloneAsync("op", spec, None);

        await ShouldFailAsync(
            () => cluster.Control.StartBatchCloneAsync("op", spec with { Count = 11 }, None),
            ErrorCode.AlreadyExists, "'op'");
        (await cluster.Control.ListDisksAsync(None)).Should().HaveCount(10);
    }

    [Fact]
    public async Task Calls_at_once_join_one_operation()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var spec = new BatchCloneSpec(await ImportAsync(cluster), "vm-", 2_000);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cluster.Control.StartBatchCloneAsync("op", spec, None)));

        (await EndOfAsync(cluster, "op", spec)).Created.Should().Be(2_000);
        (await cluster.Control.ListDisksAsync(None)).Should().HaveCount(2_000);
        (await cluster.Control.ListBatchClonesAsync(None)).Should().ContainSingle().Which.Id.Should().Be("op");
    }

    [Fact]
    public async Task Names_that_are_taken_fail_alone()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (mine, other) = (await ImportAsync(cluster), await ImportAsync(cluster, "other@1"));
        var taken = new[] { "vm-7", "vm-500", "vm-1999" };
        await cluster.Control.CloneAsync(other, taken, HydrationMode.Background, None);
        await cluster.Control.CloneAsync(mine, ["vm-8"], HydrationMode.None, None);
        var spec = new BatchCloneSpec(mine, "vm-", 2_000);

        await cluster.Control.StartBatchCloneAsync("op", spec, None);
        var batch = await EndOfAsync(cluster, "op", spec);

        batch.Should().BeEquivalentTo(new { State = BatchCloneState.PartlyFailed, Created = 1_997, Failed = 3 });
        var results = await AllResultsAsync(cluster, "op");
        results.Where(result => !result.IsCreated).Select(result => result.Disk).Should().Equal(taken);
        results.Where(result => !result.IsCreated).Should().AllSatisfy(
            result => result.Problem.Should().Contain($"'{result.Disk}'").And.Contain("other@1"));
        results.Count(result => result.IsCreated).Should().Be(1_997, "vm-8, a clone of the snapshot, counts");
        var disks = await cluster.Control.ListDisksAsync(None);
        disks.Count(disk => disk.Parent == mine).Should().Be(1_997);
        disks.Single(disk => disk.Name == "vm-8").Hydration.Should().Be(HydrationMode.None, "it is left as it was");
    }

    [Fact]
    public async Task More_failures_than_reasons_are_kept_for_are_still_told_apart()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (mine, other) = (await ImportAsync(cluster), await ImportAsync(cluster, "other@1"));
        var taken = new BatchCloneSpec(other, "vm-", 1_500);
        await cluster.Control.StartBatchCloneAsync("taken", taken, None);
        await EndOfAsync(cluster, "taken", taken);
        var spec = new BatchCloneSpec(mine, "vm-", 1_600);

        await cluster.Control.StartBatchCloneAsync("op", spec, None);
        var batch = await EndOfAsync(cluster, "op", spec);

        (batch.Created, batch.Failed).Should().Be((100, 1_500));
        var results = await AllResultsAsync(cluster, "op");
        results.Where(result => result.IsCreated).Select(result => result.Disk)
            .Should().Equal(Enumerable.Range(1_501, 100).Select(i => $"vm-{i}"));
        results.Should().OnlyContain(result => (result.Problem == null) == result.IsCreated);
    }

    [Fact]
    public async Task What_cannot_begin_leaves_nothing_behind()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var snapshot = await ImportAsync(cluster);
        var good = new BatchCloneSpec(snapshot, "vm-", 10);

        await ShouldFailAsync(Start(good with { Snapshot = SnapshotId.Parse("no@such") }), ErrorCode.NotFound, "no");
        await ShouldFailAsync(Start(good with { Prefix = "VM-" }), ErrorCode.BadRequest, "'VM-1'");
        await ShouldFailAsync(Start(good with { Prefix = new string('v', 63) }), ErrorCode.BadRequest, "vv10'");
        await ShouldFailAsync(Start(good with { Count = 0 }), ErrorCode.BadRequest, "count");
        await ShouldFailAsync(Start(good with { Count = 10_001 }), ErrorCode.BadRequest, "10001 disks");
        await ShouldFailAsync(Start(good with { First = -1 }), ErrorCode.BadRequest, "-1");
        await ShouldFailAsync(Start(good with { Names = ["a"] }), ErrorCode.BadRequest, "either");
        await ShouldFailAsync(
            Start(new BatchCloneSpec(snapshot, Names: ["a", "b", "a"])), ErrorCode.BadRequest, "'a' is named twice");
        await ShouldFailAsync(() => cluster.Control.GetBatchCloneAsync("op", None), ErrorCode.NotFound, "'op'");
        await ShouldFailAsync(
            () => cluster.Control.StartBatchCloneAsync("../op", good, None), ErrorCode.BadRequest, "'../op'");
        (await cluster.Control.ListBatchClonesAsync(None)).Should().BeEmpty();
        (await cluster.Control.ListDisksAsync(None)).Should().BeEmpty();

        Func<Task> Start(BatchCloneSpec spec) => () => cluster.Control.StartBatchCloneAsync("op", spec, None);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_and_does_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random((10 * GrainCluster.SegmentSize) + 512); // the last segment is zero
        content.AsSpan(GrainCluster.SegmentSize, GrainCluster.SegmentSize)
            .CopyTo(content.AsSpan(2 * GrainCluster.SegmentSize)); // 6 data segments, 5 distinct
        content[^1] = 1; // and a short one
        var snapshot = await cluster.ImportAsync("img@1", content);
        await cluster.Control.CloneAsync(snapshot, ["vm-1", "vm-2"], HydrationMode.Background, None);
        await cluster.Control.CloneAsync(await ImportAsync(cluster, "x@1"), ["vm-3"], HydrationMode.Background, None);
        var before = await cluster.Control.ListDisksAsync(None);

        var plan = await cluster.Control.PlanBatchCloneAsync(new BatchCloneSpec(snapshot, "vm-", 1_000), None);

        (plan.Disks, plan.AlreadyThere, plan.Conflicts).Should().Be((997, 2, 1));
        plan.ConflictingDisks.Should().Equal("vm-3");
        plan.ImageBytes.Should().Be(content.Length);
        var dataBytes = (TestImage.DataSegments(content) - 1L) * GrainCluster.SegmentSize + 512;
        plan.DataBytes.Should().Be(dataBytes);
        plan.OriginBytes.Should().Be(dataBytes - GrainCluster.SegmentSize, "two segments are equal");
        plan.StateBytes.Should().BeInRange(997 * 100, 997 * 2048);
        plan.OverlayBytesIfHydrated.Should().BeInRange(997 * dataBytes, 997 * dataBytes * 102 / 100);
        plan.MemoryBytes.Should().BePositive();
        plan.EstimatedSeconds.Should().BePositive();
        (await cluster.Control.ListDisksAsync(None)).Should().Equal(before);
        (await cluster.Control.ListBatchClonesAsync(None)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_dry_run_estimates_time_from_the_batches_before()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var snapshot = await ImportAsync(cluster);
        await cluster.Control.StartBatchCloneAsync("op", new BatchCloneSpec(snapshot, "a-", 1_000), None);
        var rate = await cluster.Grains.GetGrain<IBatchCloneCatalogGrain>(0).GetRateAsync(None);

        var plan = await cluster.Control.PlanBatchCloneAsync(new BatchCloneSpec(snapshot, "b-", 500), None);

        rate.Should().NotBe(10_000, "it was measured");
        plan.EstimatedSeconds.Should().BeApproximately(500 / rate, 1e-9);
    }

    [Fact]
    public void A_specification_is_the_same_after_a_trip_through_json()
    {
        var numbered = new BatchCloneSpec(SnapshotId.Parse("img@1"), "vm-", 10, 5, HydrationMode.Eager);
        var named = new BatchCloneSpec(SnapshotId.Parse("img@1"), Names: ["a", "b"]);

        Trip(numbered).Should().Be(numbered);
        Trip(named).Should().Be(named);
        named.Should().NotBe(named with { Names = ["a", "c"] });
        JsonSerializer.Deserialize<BatchCloneSpec>(
            """{"snapshot":"img@1","prefix":"vm-","count":3}""", ApiJson.Options)
            .Should().Be(new BatchCloneSpec(SnapshotId.Parse("img@1"), "vm-", 3));

        static BatchCloneSpec? Trip(BatchCloneSpec spec) => JsonSerializer.Deserialize<BatchCloneSpec>(
            JsonSerializer.Serialize(spec, ApiJson.Options), ApiJson.Options);
    }

    internal static Task<SnapshotId> ImportAsync(GrainCluster cluster, string id = "img@1") =>
        cluster.ImportAsync(id, TestImage.Random(1000));

    /// <summary>The names in the order of listings.</summary>
    internal static IEnumerable<string> NamesOf(BatchCloneSpec spec) =>
        Enumerable.Range(0, spec.Total).Select(spec.NameAt).Order(StringComparer.Ordinal);

    /// <summary>Each start of a running operation waits a moment for its end.</summary>
    internal static async Task<BatchClone> EndOfAsync(GrainCluster cluster, string id, BatchCloneSpec spec)
    {
        for (var attempt = 0; attempt < 30; attempt++)
        {
            var batch = await cluster.Control.StartBatchCloneAsync(id, spec, None);
            if (batch.State != BatchCloneState.Running)
            {
                return batch;
            }
        }

        throw new TimeoutException($"Batch clone {id} does not end.");
    }

    internal static async Task<List<BatchCloneResult>> AllResultsAsync(GrainCluster cluster, string id)
    {
        var results = new List<BatchCloneResult>();
        while (true)
        {
            var page = await cluster.Control.ListBatchCloneResultsAsync(id, results.Count, 900, None);
            if (page.Count == 0)
            {
                return results;
            }

            results.AddRange(page);
        }
    }

    internal static async Task ShouldFailAsync(Func<Task> act, ErrorCode code, string says)
    {
        var failure = await act.Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(code);
        failure.Which.Message.Should().Contain(says);
    }
}
