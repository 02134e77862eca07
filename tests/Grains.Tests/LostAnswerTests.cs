using SnapshotGrains.Grains.Disks;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that a record whose storage did not answer is what storage has, once that can be read.</summary>
public sealed class LostAnswerTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DiskInfo Disk = new(
        "vm", SnapshotId.Parse("img@1"), 1 << 20, 1 << 20, DiskState.Created, DateTimeOffset.UnixEpoch, Guid.NewGuid());

    /// <summary>A change that was made although its write failed is seen, and can be asked for again.</summary>
    [Fact]
    public async Task A_change_that_was_made_is_known()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var shard = Shard(cluster);
        await shard.AddAsync([Disk], isAnyFormat: false, None);
        store.AfterWrite = _ => throw new IOException("The connection broke.");
        var larger = Disk with { SizeBytes = 2 << 20 };

        await FailsAsync(() => shard.UpdateAsync(larger, None));
        store.AfterWrite = _ => { };

        (await shard.FindAsync("vm", None)).Should().Be(larger);
        (await shard.UpdateAsync(larger with { State = DiskState.Deleting }, None)).Should().BeTrue();
        (await shard.RemoveAsync("vm", Disk.Id, None)).Should().BeTrue();
    }

    /// <summary>While storage is down nothing changes; what it has then is what the next change builds on.</summary>
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
        store.AfterWrite = store.BeforeRead = _ => { };

        (await shard.UpdateAsync(Disk with { SizeBytes = 2 << 20 }, None)).Should().BeFalse("it was removed");
        (await shard.FindAsync("vm", None)).Should().BeNull();
    }

    private static IDiskCatalogGrain Shard(GrainCluster cluster) => cluster.Grains.GetGrain<IDiskCatalogGrain>(0);

    private static async Task FailsAsync(Func<Task> call) =>
        await FluentActions.Awaiting(call).Should().ThrowAsync<Exception>();
}
