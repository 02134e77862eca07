using SnapshotGrains.Grains.Disks;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows who may write to a disk after the cluster has lost track of one of its grain's activations.</summary>
public sealed class DiskLeaseTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    // After a node's death a grain may have two activations for a while. The one that knows of an earlier writer must
    // not refuse the present one when he comes back: that would be final, and an I/O error for his guest.
    [Fact]
    public async Task A_writer_who_comes_back_is_known_by_what_is_stored()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var disk = await cluster.Client.CloneAsync(
            await cluster.ImportAsync("img@1", TestImage.Random(1000)), "vm");
        var grain = cluster.Grains.GetGrain<IDiskGrain>("vm");
        await grain.ClaimAsync(disk.Id, 1, "earlier", isResumed: false, None);

        store.Alter<DiskRecord>("lease", record => (record.Epoch, record.Writer) = (record.Epoch + 1, "present"));

        await grain.ClaimAsync(disk.Id, 1, "present", isResumed: true, None);
        await ShouldBeFencedAsync(() => grain.ClaimAsync(disk.Id, 1, "earlier", isResumed: true, None), "'present'");
    }

    // Who was taken over before he was recorded must not be recorded after the one who took over: that one would be
    // refused when he comes back.
    [Fact]
    public async Task Who_was_let_in_under_an_earlier_epoch_is_too_late()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var disk = await cluster.Client.CloneAsync(
            await cluster.ImportAsync("img@1", TestImage.Random(1000)), "vm");
        var grain = cluster.Grains.GetGrain<IDiskGrain>("vm");
        await grain.ClaimAsync(disk.Id, 6, "next", isResumed: false, None);

        await ShouldBeFencedAsync(() => grain.ClaimAsync(disk.Id, 5, "first", isResumed: false, None), "'next'");
        await ShouldBeFencedAsync(() => grain.ClaimAsync(disk.Id, 5, null, isResumed: false, None), "'next'");

        await grain.ClaimAsync(disk.Id, 7, "next", isResumed: true, None);
    }

    private static async Task ShouldBeFencedAsync(Func<Task> act, string by)
    {
        var refusal = await act.Should().ThrowAsync<SnapshotGrainsException>();
        refusal.Which.Code.Should().Be(ErrorCode.Fenced);
        refusal.Which.Message.Should().Contain(by);
    }
}
