using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Tests.Keys;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that a record whose storage did not answer is what storage has, once that can be read.</summary>
public sealed class LostAnswerTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DiskInfo Disk = new(
        "vm", SnapshotId.Parse("img@1"), 1 << 20, 1 << 20, DiskState.Created, DateTimeOffset.UnixEpoch, Guid.NewGuid());

    /// <summary>A write that was made is a success, whatever became of its answer.</summary>
    [Fact]
    public async Task A_change_that_was_made_succeeds()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var shard = Shard(cluster);
        store.AfterWrite = _ => throw new IOException("The connection broke.");
        var larger = Disk with { SizeBytes = 2 << 20 };

        (await shard.AddAsync([Disk], isAnyFormat: false, None)).Should().Equal(Disk);
        (await shard.UpdateAsync(larger, None)).Should().BeTrue();
        (await shard.FindAsync("vm", None)).Should().Be(larger);
        (await shard.RemoveAsync("vm", Disk.Id, None)).Should().BeTrue();
        (await shard.FindAsync("vm", None)).Should().BeNull();
    }

    /// <summary>A write that was not made fails, and leaves what there was.</summary>
    [Fact]
    public async Task A_change_that_was_not_made_fails()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var shard = Shard(cluster);
        store.BeforeWrite = _ => throw new IOException("The disk is full.");
        await FailsAsync(() => shard.AddAsync([Disk], isAnyFormat: false, None));
        (await shard.FindAsync("vm", None)).Should().BeNull();

        store.BeforeWrite = _ => { };
        await shard.AddAsync([Disk], isAnyFormat: false, None);
        store.BeforeWrite = _ => throw new IOException("The disk is full.");
        await FailsAsync(() => shard.UpdateAsync(Disk with { SizeBytes = 2 << 20 }, None));
        (await shard.FindAsync("vm", None)).Should().Be(Disk);
    }

    /// <summary>
    /// While nobody can tell whether a disk was removed, it is neither shown nor changed nor missing.
    /// </summary>
    [Fact]
    public async Task Nothing_is_built_on_what_is_not_known()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var shard = Shard(cluster);
        await shard.AddAsync([Disk], isAnyFormat: false, None);
        store.AfterWrite = store.BeforeRead = _ => throw new IOException("The database is gone.");

        await FailsAsync(() => shard.RemoveAsync("vm", Disk.Id, None));
        await FailsAsync(() => shard.UpdateAsync(Disk with { SizeBytes = 2 << 20 }, None));
        await FailsAsync(() => shard.FindAsync("vm", None));
        await FailsAsync(() => shard.ListAsync(Disk.Parent, None));
        store.AfterWrite = store.BeforeRead = _ => { };

        (await shard.ListAsync(Disk.Parent, None)).Should().BeEmpty("it was removed");
        (await shard.UpdateAsync(Disk with { SizeBytes = 2 << 20 }, None)).Should().BeFalse();
    }

    /// <summary>A key whose removal was not answered is gone only if nothing has come to use it meanwhile.</summary>
    [Fact]
    public async Task A_key_is_looked_for_once_more_after_its_removal()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var catalog = cluster.Grains.GetGrain<IKeyCatalogGrain>(0);
        var key = await catalog.AddAsync(TestKeys.Create("a"), None);
        var used = Disk with { Format = StripeFormat.Unstriped(1 << 20), Key = key.Ref };
        store.BeforeWrite = name =>
        {
            if (name == "keys")
            {
                store.BeforeWrite = _ => { };
                Shard(cluster).AddAsync([used], isAnyFormat: false, None).Wait(TimeSpan.FromSeconds(10));
            }
        };
        store.AfterWrite = _ => throw new IOException("The connection broke.");

        var removal = async () => await catalog.RemoveAsync("a", None);
        (await removal.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.InUse);
        (await catalog.FindAsync("a", None))!.Ref.Should().Be(key.Ref);
    }

    private static IDiskCatalogGrain Shard(GrainCluster cluster) =>
        cluster.Grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(Disk.Name));

    private static async Task FailsAsync(Func<Task> call) =>
        await FluentActions.Awaiting(call).Should().ThrowAsync<Exception>();
}
