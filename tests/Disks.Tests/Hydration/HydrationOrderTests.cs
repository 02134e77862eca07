using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows what hydration fetches, in which order, and what it leaves alone.</summary>
public sealed class HydrationOrderTests : IAsyncLifetime
{
    private const int Segment = DiskSilo.SegmentSize;
    private static readonly HydrationOptions OneAtATime = new()
    {
        Parallelism = 1,
        FirstBackOff = TimeSpan.FromMilliseconds(5),
    };

    private DiskSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await DiskSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Many_disks_of_one_parent_cost_one_fetch_a_segment()
    {
        await using var node = DiskNode.Start(_silo);
        var content = TestContent.Segments(12);
        var snapshot = await _silo.ImportAsync("img@1", content);
        var names = Enumerable.Range(0, 8).Select(i => $"vm-{i}").ToArray();

        await _silo.Control.CloneAsync(snapshot, names, HydrationMode.Eager, CancellationToken.None);

        foreach (var name in names)
        {
            await node.UntilAsync(name, DiskState.Ready);
        }

        node.Plane.Leases.Should().OnlyHaveUniqueItems().And.HaveCount(12);
        node.Plane.IsDown = true;
        foreach (var name in names)
        {
            (await node.ReadAllAsync(name)).Should().Equal(content);
        }
    }

    [Fact]
    public async Task What_a_guest_waits_for_is_kept_next()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(12));
        var gate = new LeaseGate(node.Plane);
        await node.CloneAsync(snapshot, "vm", HydrationMode.Eager);
        await node.UntilAsync(() => node.Plane.Waiting == 1);

        await using var guest = await node.AttachAsync("vm", DiskAccess.ReadOnly);
        var read = guest.ReadAsync((9 * Segment) + 5, new byte[100]).AsTask();
        gate.Pass(2);
        await read;
        await node.UntilAsync(() => node.Plane.Leases.Count == 3);

        node.Plane.Leases.Select(lease => lease.Number).Should().Equal(0, 9, 1);
        var progress = await node.ProgressAsync("vm");
        (progress.HydratedBytes, progress.GuestReadBytes).Should().Be((Segment, Segment));
        gate.Open();
        await node.UntilAsync("vm", DiskState.Ready);
        (await node.ProgressAsync("vm")).GuestReadBytes.Should().Be(Segment);
    }

    [Fact]
    public async Task Urgent_disks_come_before_background_ones()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var slow = await _silo.ImportAsync("slow@1", TestContent.Segments(6, seed: 1));
        var fast = await _silo.ImportAsync("fast@1", TestContent.Segments(6, seed: 2));
        var gate = new LeaseGate(node.Plane);
        await node.CloneAsync(slow, "slow", HydrationMode.None);
        await node.CloneAsync(fast, "fast", HydrationMode.None);
        await node.ControlAsync("slow", HydrationCommand.Start);
        await node.UntilAsync(() => node.Plane.Waiting == 1);

        await node.ControlAsync("fast", HydrationCommand.Flatten);
        gate.Open();
        await node.UntilAsync("slow", DiskState.Ready);

        node.Plane.Leases.Select(lease => lease.Snapshot).Should().Equal(
            [slow, .. Enumerable.Repeat(fast, 6), .. Enumerable.Repeat(slow, 5)]);
    }

    [Fact]
    public async Task What_the_guest_has_written_or_trimmed_and_what_is_zero_is_not_fetched()
    {
        await using var node = DiskNode.Start(_silo);
        var content = TestContent.Segments(6, seed: 1, zeros: 3);
        var snapshot = await _silo.ImportAsync("img@1", content);
        await node.CloneAsync(snapshot, "vm", HydrationMode.None);
        await using (var guest = await node.AttachAsync("vm"))
        {
            await guest.WriteAsync(Segment, content.AsMemory(0, Segment));
            await guest.TrimAsync(2 * Segment, Segment);
        }

        await node.ControlAsync("vm", HydrationCommand.Start);
        await node.UntilAsync("vm", DiskState.Ready);

        node.Plane.Leases.Select(lease => lease.Number).Order().Should().Equal(0, 4, 5);
        (await node.ProgressAsync("vm")).Should().BeEquivalentTo(new
        {
            OverwrittenBytes = Segment,
            TrimmedBytes = Segment,
            ZeroBytes = Segment,
            HydratedBytes = 3 * Segment,
            RemainingBytes = 0,
            RemainingFetchBytes = 0,
            IsRunning = false,
        });
    }

    [Fact]
    public async Task A_guest_that_writes_the_last_missing_blocks_makes_its_disk_ready()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(3));
        var gate = new LeaseGate(node.Plane);
        await node.CloneAsync(snapshot, "vm", HydrationMode.Background);
        await using var guest = await node.AttachAsync("vm");
        await node.UntilAsync(() => node.Plane.Waiting == 1);

        await guest.WriteAsync(0, new byte[3 * Segment]);
        gate.Open();

        await node.UntilAsync("vm", DiskState.Ready);
        node.Plane.Leases.Should().HaveCount(1, "the guest wrote what it had not fetched yet");
    }

    [Fact]
    public async Task No_more_disks_hydrate_at_once_than_the_options_say()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime with { Parallelism = 8, MaxOpenDisks = 2 });
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(4));
        var gate = new LeaseGate(node.Plane);
        var names = Enumerable.Range(0, 10).Select(i => $"vm-{i}").ToArray();
        var disks = await _silo.Control.CloneAsync(snapshot, names, HydrationMode.Eager, CancellationToken.None);

        await node.UntilAsync(() => node.Plane.Waiting == 4 && CountOpen() == 2);
        for (var looks = 0; looks < 20; looks++)
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            CountOpen().Should().Be(2);
        }

        int CountOpen() => disks.Count(disk => node.Home.HoldsLease(disk.Id, long.MaxValue));
        gate.Open();
        foreach (var name in names)
        {
            await node.UntilAsync(name, DiskState.Ready);
        }
    }
}
