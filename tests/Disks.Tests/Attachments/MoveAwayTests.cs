namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows how a disk leaves a home.</summary>
public sealed class MoveAwayTests : IAsyncLifetime
{
    /// <summary>Disks share so many turns, and so many stay open without a user.</summary>
    private const int Turns = 64;

    private static readonly CancellationToken None = CancellationToken.None;

    private DiskSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await DiskSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    /// <summary>It is one idle disk too many then, and the one to be closed for it shares its turn.</summary>
    [Fact]
    public async Task A_disk_that_hydrates_goes_whoever_else_is_idle()
    {
        await using var node = DiskNode.Start(_silo);
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(2));
        var gate = new LeaseGate(node.Plane);
        string[] names = [.. Enumerable.Range(0, 16 * Turns).Select(n => $"vm-{n}")];
        var disks = await _silo.Control.CloneAsync(snapshot, names, HydrationMode.None, None);
        var moving = disks.Skip(Turns).First(disk => TurnOf(disk) == TurnOf(disks[0]));
        foreach (var disk in disks.Take(Turns))
        {
            await (await node.AttachAsync(disk.Name)).DisposeAsync();
            node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await node.ControlAsync(moving.Name, HydrationCommand.Start);
        await node.UntilAsync(() => node.Plane.Waiting > 0);

        (await node.Home.MoveAwayAsync(moving.Id, None).WaitAsync(TimeSpan.FromSeconds(60))).Should().BeTrue();

        node.Home.HoldsLease(moving.Id, long.MaxValue).Should().BeFalse();
        gate.Open();
    }

    /// <summary>One that waits for its turn must not begin where it has gone from.</summary>
    [Fact]
    public async Task A_disk_that_is_to_hydrate_goes_too()
    {
        await using var node = DiskNode.Start(_silo, new HydrationOptions { MaxOpenDisks = 1 });
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(2));
        var gate = new LeaseGate(node.Plane);
        await _silo.Control.CloneAsync(snapshot, ["first", "next"], HydrationMode.None, None);
        await node.ControlAsync("first", HydrationCommand.Start);
        await node.UntilAsync(() => node.Plane.Waiting > 0);
        await node.ControlAsync("next", HydrationCommand.Start);
        var next = node.Home.Disks.Single(disk => disk.Name == "next");
        node.Home.HoldsLease(next.Id, long.MaxValue).Should().BeFalse("it waits");

        (await node.Home.MoveAwayAsync(next.Id, None)).Should().BeTrue();

        node.Home.Disks.Select(disk => disk.Name).Should().Equal("first");
        gate.Open();
    }

    private static uint TurnOf(DiskInfo disk) => (uint)disk.Id.GetHashCode() % Turns;
}
