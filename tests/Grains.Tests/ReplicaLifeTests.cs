using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Shows what becomes of replicas between their build and their end: kept segments are read back and not made again, no
/// damaged one is served, and removing takes away what is removed, and nothing else.
/// </summary>
public sealed class ReplicaLifeTests
{
    private const int SegmentSize = GrainCluster.SegmentSize;
    private const int HeaderBytes = 84;

    private static readonly StripeFormat Format = new(SegmentSize, 4096, 4);

    [Fact]
    public async Task A_byte_that_changes_on_disk_is_never_served()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var content = TestImage.Random(24 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var key = cluster.Keys.Add("a", new ScrambleCipher(7));
        var replica = new ReplicaId(snapshot, Format, key);
        var built = await cluster.BuildToEndAsync(replica);
        var files = Directory.GetFiles(cluster.ReplicasPath, "*.segment", SearchOption.AllDirectories);
        files.Should().HaveCount((int)built.Segments);
        foreach (var (file, at) in files.Take(3).Zip((int[])[HeaderBytes, HeaderBytes + 5000, 20]))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
        }

        await cluster.RestartAsync();
        var read = await ReplicaBytes.ReadPlainAsync(cluster, replica, content.Length, new ScrambleCipher(7));

        read.Should().Equal(content);
        cluster.Derivations().Should().Be(new DerivationInfo(3, 0, 3, built.Segments - 3, 3));
        (await cluster.GrainOf(replica).DescribeAsync(CancellationToken.None)).BuiltSegments
            .Should().Be(built.Segments, "those were kept again");
    }

    [Fact]
    public async Task Kept_segments_that_were_evicted_are_read_back_and_not_made_again()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1, cacheBytes: 16 * SegmentSize);
        var content = TestImage.Random(60 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var replica = new ReplicaId(snapshot, Format);
        var info = await cluster.GrainOf(replica).CreateAsync(ReplicaBuild.Lazy, true, CancellationToken.None);
        info.State.Should().Be(ReplicaState.Lazy);

        for (var round = 0; round < 3; round++)
        {
            (await ReplicaBytes.ReadPlainAsync(cluster, replica, content.Length, null)).Should().Equal(content);
        }

        cluster.Derivations().Should().BeEquivalentTo(
            new { SegmentsDerived = info.Segments, SegmentsRederived = 0L, SegmentsDamaged = 0L });
        cluster.Derivations().SegmentsReloaded.Should().BePositive();
    }

    [Fact]
    public async Task A_lazy_replica_that_is_in_the_caches_is_kept_when_it_is_built()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(24 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var replica = new ReplicaId(snapshot, Format);
        await cluster.Catalog().RegisterAsync(replica, ReplicaBuild.Lazy, false, CancellationToken.None);
        await ReplicaBytes.ReadPlainAsync(cluster, replica, content.Length, null);
        cluster.Replicas.Statistics.Segments.Should().Be(0);

        var info = await cluster.BuildToEndAsync(replica);

        info.State.Should().Be(ReplicaState.Ready);
        info.BuiltSegments.Should().Be(info.Segments);
        cluster.Derivations().SegmentsDerived.Should().Be(info.Segments);
    }

    [Fact]
    public async Task Registering_again_adds_and_never_takes_away()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var replica = new ReplicaId(await cluster.ImportAsync("img@1", TestImage.Random(4 * SegmentSize)), Format);

        var lazy = await cluster.Catalog().RegisterAsync(replica, ReplicaBuild.Lazy, false, CancellationToken.None);
        var kept = await cluster.Catalog().RegisterAsync(replica, ReplicaBuild.Lazy, true, CancellationToken.None);
        var again = await cluster.Catalog().RegisterAsync(replica, ReplicaBuild.Lazy, false, CancellationToken.None);

        kept.Should().Be(lazy with { IsKept = true });
        again.Should().Be(kept);
        (await cluster.Catalog().FindAsync(replica.Snapshot, CancellationToken.None)).Should().ContainSingle();
        (await cluster.Catalog().FindAsync(SnapshotId.Parse("img@2"), CancellationToken.None)).Should().BeEmpty();
        var impossible = () => cluster.Catalog().RegisterAsync(
            replica with { Format = new StripeFormat(SegmentSize, 5000, 4) }, ReplicaBuild.Lazy, false,
            CancellationToken.None);
        (await impossible.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.BadRequest);
    }

    [Fact]
    public async Task What_cannot_be_or_is_there_anyway_is_not_created()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(4 * SegmentSize));
        var gone = cluster.Keys.Add("a", new ScrambleCipher(7));
        cluster.Keys.Remove(gone);

        await RefuseAsync(new ReplicaId(snapshot, StripeFormat.Unstriped(SegmentSize)), ErrorCode.BadRequest);
        await RefuseAsync(new ReplicaId(snapshot, Format, gone), ErrorCode.KeyUnavailable);
        await RefuseAsync(new ReplicaId(SnapshotId.Parse("no@1"), Format), ErrorCode.NotFound);
        (await cluster.Catalog().FindAsync(null, CancellationToken.None)).Should().BeEmpty();

        async Task RefuseAsync(ReplicaId replica, ErrorCode code)
        {
            var create = () => cluster.GrainOf(replica).CreateAsync(ReplicaBuild.Eager, true, CancellationToken.None);
            (await create.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(code);
        }
    }

    [Fact]
    public async Task Removing_while_it_is_built_stops_the_build_and_leaves_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var replica = new ReplicaId(await cluster.ImportAsync("img@1", TestImage.Random(60 * SegmentSize)), Format);
        var reads = 0;
        cluster.Center.BeforeRead = ct => Interlocked.Increment(ref reads) <= 20
            ? ValueTask.CompletedTask : new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        await cluster.GrainOf(replica).BuildAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(
            () => Task.FromResult(reads > 20 && cluster.Replicas.Statistics.Segments > 4), "the build is held up");

        await cluster.GrainOf(replica).RemoveAsync(CancellationToken.None);

        cluster.Replicas.Statistics.Segments.Should().Be(0);
        var describe = () => cluster.GrainOf(replica).DescribeAsync(CancellationToken.None);
        (await describe.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.NotFound);
        cluster.Center.BeforeRead = _ => ValueTask.CompletedTask;
        (await cluster.BuildToEndAsync(replica)).State.Should().Be(ReplicaState.Ready, "it can be made anew");
    }

    [Fact]
    public async Task A_replica_is_not_removed_while_disks_that_are_cloned_from_it_need_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var replica = new ReplicaId(await cluster.ImportAsync("img@1", TestImage.Random(4 * SegmentSize)), Format);
        var other = replica with { Format = new StripeFormat(SegmentSize, 8192, 2) };
        await cluster.BuildToEndAsync(replica);
        await cluster.BuildToEndAsync(other);
        var disk = new DiskInfo(
            "vm1", replica.Snapshot, 4 * SegmentSize, SegmentSize, DiskState.Created, DateTimeOffset.UnixEpoch,
            Guid.NewGuid(), Format: Format);
        var shard = cluster.Grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(disk.Name));
        await shard.AddAsync([disk], isAnyFormat: false, CancellationToken.None);

        var remove = () => cluster.GrainOf(replica).RemoveAsync(CancellationToken.None);
        (await remove.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.InUse);
        await cluster.GrainOf(other).RemoveAsync(CancellationToken.None);

        await shard.UpdateAsync(disk with { State = DiskState.Ready }, CancellationToken.None);
        await remove();
        (await cluster.Catalog().FindAsync(null, CancellationToken.None)).Should().BeEmpty();
        cluster.Replicas.Statistics.Segments.Should().Be(0);
    }

    [Fact]
    public async Task When_a_snapshot_goes_so_do_its_replicas_but_not_what_others_share_with_them()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var content = TestImage.Random(24 * SegmentSize);
        var first = new ReplicaId(await cluster.ImportAsync("img@1", content), Format);
        content[^1] ^= 1;
        var second = new ReplicaId(await cluster.ImportAsync("img@2", content), Format);
        var kept = await cluster.BuildToEndAsync(second);
        await cluster.BuildToEndAsync(first);
        cluster.Replicas.Statistics.Segments.Should().BeLessThan((int)(2 * kept.Segments), "equal ones are kept once");

        await cluster.Catalog().RemoveOfAsync(first.Snapshot, CancellationToken.None);

        (await cluster.Catalog().FindAsync(null, CancellationToken.None)).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { Id = second, BuiltSegments = kept.Segments });
        cluster.Replicas.Statistics.Segments.Should().Be((int)kept.Segments);
    }

    [Fact]
    public async Task A_start_forgets_replicas_whose_snapshot_is_gone()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var replica = new ReplicaId(await cluster.ImportAsync("img@1", TestImage.Random(4 * SegmentSize)), Format);
        await cluster.BuildToEndAsync(replica);
        await cluster.Center.DeleteAsync("img", "1", CancellationToken.None);

        await cluster.RestartAsync();
        (await cluster.Catalog().ResumeAsync(CancellationToken.None)).Should().Be(0);

        (await cluster.Catalog().FindAsync(null, CancellationToken.None)).Should().BeEmpty();
        cluster.Replicas.Statistics.Segments.Should().Be(0);
    }

    [Fact]
    public void The_best_replica_is_that_of_which_most_is_at_hand_under_the_key()
    {
        var key = new KeyRef("a", Guid.NewGuid());
        var snapshot = SnapshotId.Parse("img@1");
        ReplicaInfo[] replicas =
        [
            Replica(64, null, built: 64, resident: 0),
            Replica(128, key, built: 10, resident: 20),
            Replica(256, key, built: 16, resident: 0) with { Segments = 16 },
            Replica(512, key, built: 64, resident: 64) with { State = ReplicaState.Failed },
        ];

        ReplicaCatalog.Best(replicas, key).Should().Be(replicas[2].Id);
        ReplicaCatalog.Best(replicas[..2], key).Should().Be(replicas[1].Id);
        ReplicaCatalog.Best(replicas, null).Should().Be(replicas[0].Id);
        ReplicaCatalog.Best(replicas, new KeyRef("a", Guid.NewGuid())).Should().BeNull();

        ReplicaInfo Replica(int segmentKiB, KeyRef? key, long built, long resident) => new(
            new ReplicaId(snapshot, StripeFormat.Unstriped(segmentKiB << 10), key), ReplicaBuild.Lazy, true,
            ReplicaState.Lazy, DateTimeOffset.UnixEpoch, 64, built, 0, resident);
    }
}
