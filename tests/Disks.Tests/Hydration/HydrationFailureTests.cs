using System.Diagnostics;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that hydration survives what may happen to it, and says what it cannot survive.</summary>
public sealed class HydrationFailureTests : IAsyncLifetime
{
    private const int Segment = DiskSilo.SegmentSize;
    private const int Segments = 12;
    private const int Block = 4096;
    private static readonly HydrationOptions OneAtATime = new()
    {
        Parallelism = 1,
        FirstBackOff = TimeSpan.FromMilliseconds(5),
    };

    private DiskSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await DiskSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task An_outage_of_the_image_center_is_waited_for()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        node.Plane.BeforeLease = (key, _) =>
        {
            node.Plane.IsDown |= key.Number == 5;
            return Task.CompletedTask;
        };
        await CloneAsync(node, HydrationMode.Eager);
        await node.UntilAsync(() => node.Plane.IsDown);
        var end = node.Time.Now + TimeSpan.FromMinutes(10);
        await node.UntilAsync(() => node.Time.Now > end || AdvanceABit(node));

        var disk = await _silo.Control.GetDiskAsync("vm", CancellationToken.None);
        (disk.State, disk.Problem).Should().Be((DiskState.LazyLoading, null));
        (await node.ProgressAsync("vm")).IsRunning.Should().BeTrue();

        node.Plane.BeforeLease = (_, _) => Task.CompletedTask;
        node.Plane.IsDown = false;
        await node.UntilAsync(async () =>
            !AdvanceABit(node) && (await _silo.Control.GetDiskAsync("vm", default)).State == DiskState.Ready);
    }

    [Fact]
    public async Task A_corrupt_segment_fails_the_disk_after_all_others_and_a_new_start_recovers()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        node.Plane.BeforeLease = (key, _) => key.Number != 2 ? Task.CompletedTask : throw new SnapshotGrainsException(
            ErrorCode.ImageCorrupt, "Segment 2 is not what it should be.");
        var content = await CloneAsync(node, HydrationMode.Eager);

        await node.UntilAsync(async () =>
            !AdvanceABit(node) && (await _silo.Control.GetDiskAsync("vm", default)).State == DiskState.Failed);

        (await _silo.Control.GetDiskAsync("vm", default)).Problem.Should().Contain("Segment 2");
        var progress = await node.ProgressAsync("vm");
        (progress.RemainingBytes, progress.IsRunning).Should().Be((Segment, false));
        node.Plane.BeforeLease = (_, _) => Task.CompletedTask;
        (await node.ReadAllAsync("vm")).Should().Equal(content, "a failed disk works as before");
        await node.ControlAsync("vm", HydrationCommand.Start);
        await node.UntilAsync("vm", DiskState.Ready);
    }

    [Fact]
    public async Task Want_of_space_fails_the_disk_and_a_new_start_recovers()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        node.Files.QuotaBytes = 5 * Segment;
        var content = await CloneAsync(node, HydrationMode.Eager);

        await node.UntilAsync(async () =>
            !AdvanceABit(node) && (await _silo.Control.GetDiskAsync("vm", default)).State == DiskState.Failed);

        (await _silo.Control.GetDiskAsync("vm", default)).Problem.Should().Contain("space");
        (await node.ReadAllAsync("vm")).Should().Equal(content);
        node.Files.QuotaBytes = long.MaxValue;
        await node.ControlAsync("vm", HydrationCommand.Start);
        await node.UntilAsync("vm", DiskState.Ready);
        (await node.ReadAllAsync("vm")).Should().Equal(content);
    }

    [Fact]
    public async Task A_pause_survives_a_restart_and_nothing_is_fetched_twice()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var gate = new LeaseGate(node.Plane);
        await CloneAsync(node, HydrationMode.Eager);
        gate.Pass(4);
        await node.UntilAsync(() => node.Plane.Leases.Count == 5);

        await node.ControlAsync("vm", HydrationCommand.Pause);
        gate.Open();
        await node.RestartAsync("vm");
        var paused = await node.ProgressAsync("vm");

        (paused.State, paused.IsRunning, paused.HydratedBytes).Should().Be((DiskState.Paused, false, 4 * Segment));
        node.Plane.Leases.Should().HaveCount(5);
        await node.ControlAsync("vm", HydrationCommand.Start);
        await node.UntilAsync("vm", DiskState.Ready);
        node.Plane.Leases.Skip(5).Select(lease => lease.Number).Should().Equal(4, 5, 6, 7, 8, 9, 10, 11);
    }

    [Fact]
    public async Task A_cancelled_disk_stays_thin_and_works()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var gate = new LeaseGate(node.Plane);
        var content = await CloneAsync(node, HydrationMode.Background);
        await using var guest = await node.AttachAsync("vm");
        await node.UntilAsync(() => node.Plane.Waiting == 1);

        await node.ControlAsync("vm", HydrationCommand.Cancel);
        gate.Open();

        (await _silo.Control.GetDiskAsync("vm", default)).Should().BeEquivalentTo(
            new { State = DiskState.LazyLoading, Hydration = HydrationMode.None });
        (await node.ReadAllAsync("vm")).Should().Equal(content);
        var progress = await node.ProgressAsync("vm");
        (progress.IsRunning, progress.RemainingBytes).Should().Be((false, Segments * Segment));
    }

    [Fact]
    public async Task A_disk_that_is_deleted_while_it_hydrates_leaves_nothing()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var gate = new LeaseGate(node.Plane);
        await CloneAsync(node, HydrationMode.Eager);
        gate.Pass(4);
        await node.UntilAsync(() => node.Plane.Leases.Count == 5);

        await _silo.Control.DeleteDiskAsync("vm", CancellationToken.None);
        gate.Open();
        await node.UntilAsync(() => node.Plane.Waiting == 0);

        node.Files.Names.Should().BeEmpty();
        node.Plane.Leases.Should().HaveCount(5);
        node.Log.FirstError.Should().BeNull();
    }

    /// <summary>Whoever was about to open a disk when it was deleted must not bring its files back.</summary>
    [Fact]
    public async Task A_lease_from_before_the_deletion_is_good_for_nothing()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        await CloneAsync(node, HydrationMode.None);
        var grain = _silo.Grains.GetGrain<IDiskGrain>("vm");
        await grain.LeaseAsync(DiskIntent.Write, fenceEpoch: 0, _silo.Home.Process, default);
        var lease = await grain.LeaseAsync(DiskIntent.Write, fenceEpoch: 0, _silo.Home.Process, default);
        await _silo.Control.DeleteDiskAsync("vm", default);

        var failure = await node.Home.Invoking(home => home.GetProgressAsync(lease, default))
            .Should().ThrowAsync<SnapshotGrainsException>();

        failure.Which.Code.Should().Be(ErrorCode.NotFound);
        node.Files.Names.Should().BeEmpty();
    }

    [Fact]
    public async Task A_home_ends_promptly_while_a_segment_is_on_its_way()
    {
        var node = DiskNode.Start(_silo);
        var gate = new LeaseGate(node.Plane);
        await CloneAsync(node, HydrationMode.Eager);
        await node.UntilAsync(() => node.Plane.Waiting > 0);

        var clock = Stopwatch.StartNew();
        await node.DisposeAsync();

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5));
        gate.Open();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_a_crash_progress_is_exact_and_little_is_fetched_again(int seed)
    {
        var options = OneAtATime with { Parallelism = 2, SegmentsPerCommit = 2 };
        await using var node = DiskNode.Start(_silo, options);
        var gate = new LeaseGate(node.Plane);
        var content = await CloneAsync(node, HydrationMode.Eager);
        gate.Pass(7);
        await node.UntilAsync(() => node.Plane.Leases.Count == 9);
        var before = await node.ProgressAsync("vm");

        await node.CrashAsync(new Random(seed));
        var after = await node.ProgressAsync("vm");
        gate.Open();
        await node.ControlAsync("vm", HydrationCommand.Start);
        await node.UntilAsync("vm", DiskState.Ready);

        before.HydratedBytes.Should().Be(7 * Segment);
        after.HydratedBytes.Should().BeInRange(before.HydratedBytes - (2 * Segment), before.HydratedBytes);
        (after.HydratedBytes + after.RemainingBytes).Should().Be(Segments * Segment);
        node.Plane.Leases.Should().HaveCountLessThanOrEqualTo(Segments + 2 + 2, "two were under way, two uncommitted");
        (await node.ReadAllAsync("vm")).Should().Equal(content);
    }

    [Fact]
    public async Task Hydration_goes_on_after_a_take_over()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var gate = new LeaseGate(node.Plane);
        var content = await CloneAsync(node, HydrationMode.Background);
        await using var first = await node.AttachAsync("vm", holder: "first");
        await first.WriteAsync(0, Enumerable.Repeat((byte)1, Block).ToArray());
        await node.UntilAsync(() => node.Plane.Waiting == 1);

        await using var second = await node.AttachAsync("vm", DiskAccess.TakeOver, "second");
        await second.WriteAsync(Block, Enumerable.Repeat((byte)2, Block).ToArray());
        gate.Open();
        await node.UntilAsync("vm", DiskState.Ready);

        content.AsSpan(0, Block).Fill(1);
        content.AsSpan(Block, Block).Fill(2);
        node.Plane.IsDown = true;
        (await node.ReadAllAsync("vm")).Should().Equal(content);
        node.Log.FirstError.Should().BeNull();
    }

    private static bool AdvanceABit(DiskNode node)
    {
        node.Time.Advance(TimeSpan.FromSeconds(1));
        return false;
    }

    private async Task<byte[]> CloneAsync(DiskNode node, HydrationMode mode)
    {
        var content = TestContent.Segments(Segments);
        var snapshot = await _silo.ImportAsync("img@1", content);
        await node.CloneAsync(snapshot, "vm", mode);
        return content;
    }
}
