using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows what becomes of the disks of a silo that is drained, beside another one of its process.</summary>
public sealed class DrainTests
{
    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly string[] Disks = [.. Enumerable.Range(0, 16).Select(n => $"vm{n}")];

    [Fact]
    public async Task Its_disks_move_and_hydrate_on_and_those_of_the_other_silo_stay()
    {
        await using var silo = await TestSilo.StartAsync(silos: 2);
        await silo.ImportAsync($"{Image}", TestImage.Random(4 * TestImage.Segment));
        await silo.Api.SetHydrationLimitAsync(64 << 10, None);
        await silo.Api.CloneAsync(Image, Disks, HydrationMode.Eager, None);
        var before = await SilosAsync(silo);
        var drained = before[0];
        before.Distinct().Should().HaveCount(2, "both silos are to have some");

        await silo.Api.DrainNodeAsync(drained, None);
        await Eventually.IsTrueAsync(
            async () => (await NodeAsync(silo, drained)).Drain is { IsRunning: false }, "it is drained");

        (await SilosAsync(silo)).Should().NotContain(drained);
        var drain = (await NodeAsync(silo, drained)).Drain!;
        drain.DisksMoved.Should().Be(before.Count(name => name == drained), "the others' disks are left alone");
        drain.DisksLeft.Should().Be(0);
        await Eventually.IsTrueAsync(() => HydrateAsync(silo), "all disks hydrate, though nobody attaches them");
    }

    private static async Task<bool> HydrateAsync(TestSilo silo)
    {
        var all = await Task.WhenAll(Disks.Select(disk => silo.Api.GetHydrationAsync(disk, None)));
        return all.All(progress => progress.IsRunning || progress.State == DiskState.Ready);
    }

    /// <summary>The silos that keep the disks, in their order.</summary>
    private static async Task<string[]> SilosAsync(TestSilo silo) =>
        [.. (await Task.WhenAll(Disks.Select(disk => silo.Api.LocateDiskAsync(disk, None)))).Select(at => at.Node)];

    private static async Task<NodeInfo> NodeAsync(TestSilo silo, string name) =>
        (await silo.Api.ListNodesAsync(None)).Single(node => node.Name == name);
}
