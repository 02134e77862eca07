using Microsoft.Extensions.Logging.Abstractions;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows which disks a node lets go when it is cut off, and when it takes itself for that.</summary>
public sealed class CutOffWatchTests : IAsyncLifetime
{
    /// <summary>Well beyond what the watch waits for.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private static readonly CancellationToken None = CancellationToken.None;

    private DiskSilo _silo = null!;
    private DiskNode _node = null!;
    private SeveredGrains _road = null!;

    public async Task InitializeAsync()
    {
        _silo = await DiskSilo.StartAsync();
        _node = DiskNode.Start(_silo);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_cut_off_lets_disks_go_that_nobody_uses_here()
    {
        // Whose host does not come through; who has no user; but neither whose guest is here, nor whose host is heard.
        await using var watch = Watch();
        var disks = await CloneAsync("unheard", "idle", "local", "heard");
        await using var unheard = await AttachFromHostAsync("unheard");
        await using var heard = await AttachFromHostAsync("heard");
        await using var local = await _node.AttachAsync("local");
        await (await _node.AttachAsync("idle")).DisposeAsync();
        await unheard.WriteAsync(0, new byte[] { 7 });
        await LearnAsync();

        (_road.HasDatabase, _road.HasNodes) = (false, false);
        await PassAsync(Long, () => heard.GetExtentsAsync(0, 1, 1, None).AsTask());

        disks.Where(IsOpen).Select(disk => disk.Name).Should().Equal("local", "heard");
        unheard.Gone.IsCancellationRequested.Should().BeTrue("he looks for it elsewhere");
        await using var again = await AttachFromHostAsync("unheard");
        var first = new byte[1];
        await again.ReadAsync(0, first);
        first[0].Should().Be(7, "what was written is durable");
    }

    [Theory]
    [InlineData(false, true, 20)]
    [InlineData(true, false, 20)]
    [InlineData(false, false, 5)]
    public async Task Who_hears_from_somebody_or_is_cut_off_for_moments_keeps_them(
        bool hasDatabase, bool hasNodes, int seconds)
    {
        await using var watch = Watch();
        var disks = await CloneAsync("vm");
        await using var disk = await AttachFromHostAsync("vm");
        await LearnAsync();

        for (var time = 0; time < 2; time++)
        {
            (_road.HasDatabase, _road.HasNodes) = (hasDatabase, hasNodes);
            await PassAsync(TimeSpan.FromSeconds(seconds));
            (_road.HasDatabase, _road.HasNodes) = (true, true);
            await PassAsync(TimeSpan.FromSeconds(5));
        }

        disks.Should().OnlyContain(open => IsOpen(open));
    }

    [Fact]
    public async Task Who_shares_the_directory_with_nobody_keeps_them()
    {
        await using var watch = Watch((await _silo.Control.ListNodesAsync(None))[0].Address);
        var disks = await CloneAsync("vm");
        await using var disk = await AttachFromHostAsync("vm");
        await LearnAsync();

        (_road.HasDatabase, _road.HasNodes) = (false, false);
        await PassAsync(Long);

        disks.Should().OnlyContain(open => IsOpen(open));
    }

    [Fact]
    public async Task What_hydrated_goes_on_when_the_others_are_heard_again()
    {
        await using var watch = Watch();
        var gate = new LeaseGate(_node.Plane);
        var disks = await CloneAsync("vm");
        await _node.ControlAsync("vm", HydrationCommand.Start);
        await _node.UntilAsync(() => _node.Plane.Waiting > 0);
        await LearnAsync();

        (_road.HasDatabase, _road.HasNodes) = (false, false);
        await PassAsync(Long);
        IsOpen(disks[0]).Should().BeFalse();
        _node.Home.Disks.Should().BeEmpty();

        gate.Open();
        (_road.HasDatabase, _road.HasNodes) = (true, true);
        await _node.UntilAsync("vm", DiskState.Ready);
    }

    private CutOffWatch Watch(params string[] self)
    {
        (var grains, _road) = SeveredGrains.Over(_silo.Grains);
        return new CutOffWatch(_node.Home, grains, self, _node.Time, NullLogger<CutOffWatch>.Instance);
    }

    private bool IsOpen(DiskInfo disk) => _node.Home.HoldsLease(disk.Id, long.MaxValue);

    private async Task<IReadOnlyList<DiskInfo>> CloneAsync(params string[] names) => await _silo.Control.CloneAsync(
        await _silo.ImportAsync("img@1", TestContent.Segments(2)), names, HydrationMode.None, None);

    private ValueTask<VirtualDisk> AttachFromHostAsync(string disk) => _node.Home.AttachAsync(
        new DiskExportName(disk, DiskAccess.ReadWrite, $"host of {disk}", DiskForm.Stored), None);

    /// <summary>The watch knows the nodes after a few looks, at grains that answer at once by then.</summary>
    private async Task LearnAsync()
    {
        await _silo.Control.ListNodesAsync(None);
        await PassAsync(TimeSpan.FromSeconds(5));
    }

    /// <summary>Lets time pass so slowly that no call takes too long by it.</summary>
    private async Task PassAsync(TimeSpan time, Func<Task>? meanwhile = null)
    {
        var step = TimeSpan.FromMilliseconds(50);
        for (var end = _node.Time.Now + time; _node.Time.Now < end;)
        {
            _node.Time.Advance(step);
            await Task.Delay(10);
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
        }
    }
}
