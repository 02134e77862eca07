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
        await grain.ClaimAsync(disk.Id, "earlier", isResumed: false, None);

        store.Alter<DiskRecord>("lease", record => (record.Epoch, record.Writer) = (record.Epoch + 1, "present"));

        await grain.ClaimAsync(disk.Id, "present", isResumed: true, None);
        var refusal = await FluentActions.Awaiting(() => grain.ClaimAsync(disk.Id, "earlier", isResumed: true, None))
            .Should().ThrowAsync<SnapshotGrainsException>();
        refusal.Which.Code.Should().Be(ErrorCode.Fenced);
        refusal.Which.Message.Should().Contain("'present'");
    }
}
