using System.Diagnostics;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows how a disk leaves a home.</summary>
public sealed class MoveAwayTests : IAsyncLifetime
{
    /// <summary>So many stay open without a user.</summary>
    private const int Idle = 64;

    private static readonly CancellationToken None = CancellationToken.None;

    private DiskSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await DiskSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    /// <summary>It is one idle disk too many then, and another is closed for it.</summary>
    [Fact]
    public async Task A_disk_that_hydrates_goes_whoever_else_is_idle()
    {
        await using var node = DiskNode.Start(_silo);
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(2));
        var gate = new LeaseGate(node.Plane);
        string[] names = [.. Enumerable.Range(0, Idle + 1).Select(n => $"vm-{n}")];
        var disks = await _silo.Control.CloneAsync(snapshot, names, HydrationMode.None, None);
        var moving = disks[^1];
        foreach (var disk in disks.Take(Idle))
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

    /// <summary>
    /// Its lease is older: a node's death may have made the cluster forget who had it. Also of a disk that nobody wrote
    /// to: he might go on with it, and put his map in the place of the next one's.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_another_process_has_open_is_waited_for(bool isWritten)
    {
        await using var node = DiskNode.Start(_silo);
        var disk = await CloneAsync(node, isWritten);
        await using var old = node.Replace();

        var attached = node.AttachAsync("vm").AsTask();
        await Task.Delay(TimeSpan.FromMilliseconds(200)); // it tries once; the node's own clock stands still
        attached.IsCompleted.Should().BeFalse();
        (await old.MoveAwayAsync(disk.Id, None)).Should().BeTrue();

        await PassAsync(node, attached);
        await (await attached).DisposeAsync();
        node.Home.HoldsLease(disk.Id, long.MaxValue).Should().BeTrue();
    }

    [Fact]
    public async Task A_disk_that_another_process_keeps_open_is_refused()
    {
        await using var node = DiskNode.Start(_silo);
        await CloneAsync(node);
        await using var old = node.Replace();

        var attached = node.AttachAsync("vm").AsTask();
        await PassAsync(node, attached);

        (await FluentActions.Awaiting(() => attached).Should().ThrowAsync<SnapshotGrainsException>())
            .Where(error => error.Code == ErrorCode.SiloUnavailable && error.Message.Contains("has its files open"));
    }

    /// <summary>Told of a newer lease of another process, a node closes the disk; of no other.</summary>
    [Theory]
    [InlineData(1, true, false)]
    [InlineData(0, true, true)]
    [InlineData(1, false, true)]
    public async Task A_node_lets_a_disk_go_that_another_process_has_leased(
        int newer, bool isOther, bool isKept)
    {
        await using var node = DiskNode.Start(_silo);
        var disk = await CloneAsync(node);
        var epoch = Enumerable.Range(0, 10).First(n => node.Home.HoldsLease(disk.Id, n));
        var silo = _silo.Grains.GetGrain<INodeGrain>((await _silo.Control.ListNodesAsync(None))[0].Address);

        await silo.LetDiskGoAsync(
            disk.Id, epoch + newer, isOther ? Guid.NewGuid() : node.Home.Process, new DiskClaim(), None);

        node.Home.HoldsLease(disk.Id, long.MaxValue).Should().Be(isKept);
    }

    /// <summary>
    /// Whoever has it attached keeps it, but from himself, when he comes back elsewhere, and from who takes it over:
    /// his own connection may be cut, and the home not know.
    /// </summary>
    [Theory]
    [InlineData(null, false, true)]
    [InlineData("other", false, true)]
    [InlineData("host", false, false)]
    [InlineData(null, true, false)]
    [InlineData("other", true, false)]
    public async Task A_disk_that_is_attached_goes_to_who_may_claim_it(string? holder, bool isTakeOver, bool isKept)
    {
        await using var node = DiskNode.Start(_silo);
        var disk = await CloneAsync(node);
        var host = await node.Home.AttachAsync(
            new DiskExportName("vm", DiskAccess.ReadWrite, "host", DiskForm.Stored), None);
        await host.WriteAsync(0, new byte[] { 1 });
        await host.FlushAsync();

        await node.Home.LetGoAsync(disk.Id, epoch: 100, new DiskClaim(holder, isTakeOver), None);

        node.Home.HoldsLease(disk.Id, long.MaxValue).Should().Be(isKept);
        host.Gone.IsCancellationRequested.Should().Be(!isKept);
        await host.DisposeAsync();
        (await node.ReadAllAsync("vm"))[0].Should().Be(1);
    }

    /// <summary>A disk that is open without a user.</summary>
    private async Task<DiskInfo> CloneAsync(DiskNode node, bool isWritten = true)
    {
        var disk = await node.CloneAsync(
            await _silo.ImportAsync("img@1", TestContent.Segments(2)), "vm", new CloneOptions(HydrationMode.None));
        await using var attached = await node.AttachAsync("vm");
        if (isWritten)
        {
            await attached.WriteAsync(0, new byte[4096]);
        }

        return disk;
    }

    /// <summary>Lets time pass so slowly that no call takes too long by it.</summary>
    private static async Task PassAsync(DiskNode node, Task until)
    {
        for (var real = Stopwatch.StartNew(); !until.IsCompleted && real.Elapsed < TimeSpan.FromSeconds(30);)
        {
            node.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(10);
        }
    }
}
