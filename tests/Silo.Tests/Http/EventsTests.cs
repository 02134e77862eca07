using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows what listeners to <c>/v1/events</c> hear, and that they hold nobody up.</summary>
public sealed class EventsTests
{
    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_disks_life_is_heard_of_in_order()
    {
        await using var silo = await StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await using var events = silo.Api.WatchEventsAsync(new EventQuery("vm"), end.Token).GetAsyncEnumerator();
        var first = events.MoveNextAsync();
        await ListeningAsync(silo, 1, end.Token);

        await silo.Remote.CloneAsync(Image, "other", HydrationMode.None);
        await silo.Remote.CloneAsync(Image, "vm", HydrationMode.Background);
        await silo.Api.ControlHydrationAsync("vm", HydrationCommand.Flatten, end.Token);
        (await first).Should().BeTrue();
        var states = new List<DiskState> { StateOf(events.Current) };
        while (states[^1] != DiskState.Ready)
        {
            (await events.MoveNextAsync()).Should().BeTrue();
            states.Add(StateOf(events.Current));
        }

        states.Should().Equal(DiskState.Created, DiskState.LazyLoading, DiskState.Ready);
        await silo.Api.DeleteDiskAsync("vm", end.Token);
        await events.MoveNextAsync();
        StateOf(events.Current).Should().Be(DiskState.Deleting);
    }

    [Fact]
    public async Task Batches_and_on_request_hydration_are_heard_of()
    {
        await using var silo = await StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await silo.Api.SetHydrationLimitAsync(64 << 10, end.Token);
        var heard = HearAsync(
            silo,
            new EventQuery(Hydration: true),
            all => all.OfType<HydrationEvent>().Any()
                && all.OfType<BatchEvent>().Any(one => one.Batch.State != BatchCloneState.Running),
            end.Token);
        await ListeningAsync(silo, 1, end.Token);

        await silo.Api.StartBatchCloneAsync(
            "b1", new BatchCloneSpec(Image, "vm-", 2, Hydration: HydrationMode.Eager), end.Token);

        var events = await heard;
        events.OfType<BatchEvent>().Should().Contain(
            done => done.Batch.Id == "b1" && done.Batch.State == BatchCloneState.Succeeded && done.Batch.Created == 2);
        events.OfType<HydrationEvent>().Should().OnlyContain(
            seen => seen.Progress.Disk.StartsWith("vm-") && seen.Progress.IsRunning);
        events.Select(one => one.Id).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    /// <summary>Also of one that is cloned when the server knows already what hydrates.</summary>
    [Fact]
    public async Task A_disk_that_loads_from_its_cloning_on_is_told_of_again_and_again()
    {
        await using var silo = await StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await silo.Api.SetHydrationLimitAsync(64 << 10, end.Token);
        await silo.Remote.CloneAsync(Image, "first", HydrationMode.Eager);
        await HearAsync(silo, new EventQuery("first", Hydration: true), all => all.Count > 0, end.Token);
        await ListeningAsync(silo, 0, end.Token);
        var heard = HearAsync(
            silo, new EventQuery("vm", Hydration: true), all => all.OfType<HydrationEvent>().Count() > 1, end.Token);
        await ListeningAsync(silo, 1, end.Token);

        await silo.Remote.CloneAsync(Image, "vm", HydrationMode.Eager);

        (await heard).OfType<DiskEvent>().Select(StateOf).Should().Equal(DiskState.LazyLoading);
    }

    [Fact]
    public async Task Without_being_asked_for_hydration_is_not_told()
    {
        await using var silo = await StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await silo.Api.SetHydrationLimitAsync(64 << 10, end.Token);
        var all = HearAsync(
            silo, new EventQuery(Hydration: true), all => all.OfType<HydrationEvent>().Count() > 1, end.Token);
        var plain = HearAsync(
            silo, new EventQuery(), all => all.OfType<DiskEvent>().Any(one => one.Disk.Name == "last"), end.Token);
        await ListeningAsync(silo, 2, end.Token);
        await silo.Remote.CloneAsync(Image, "vm", HydrationMode.Eager);
        await all;
        await silo.Remote.CloneAsync(Image, "last", HydrationMode.None);

        (await plain).OfType<HydrationEvent>().Should().BeEmpty();
    }

    [Fact]
    public async Task A_stop_of_the_server_ends_the_stream_and_does_not_wait_for_it()
    {
        await using var silo = await StartAsync();
        using var end = new CancellationTokenSource(Patience);
        var heard = HearAsync(silo, new EventQuery(), _ => false, end.Token);
        await ListeningAsync(silo, 1, end.Token);

        await silo.Process.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));

        (await heard).Should().BeEmpty();
    }

    [Fact]
    public async Task A_wrong_name_is_refused()
    {
        await using var silo = await StartAsync();
        var listen = async () => await silo.Api.WatchEventsAsync(new EventQuery("No Name")).GetAsyncEnumerator()
            .MoveNextAsync();
        (await listen.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.BadRequest);
    }

    [Fact]
    public async Task A_hydration_is_watched_until_the_disk_is_ready()
    {
        await using var silo = await StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await silo.Remote.CloneAsync(Image, "vm", HydrationMode.Eager);

        var seen = new List<HydrationProgress>();
        await foreach (var progress in silo.Remote.WatchHydrationAsync("vm", TimeSpan.FromMilliseconds(20), end.Token))
        {
            seen.Add(progress);
        }

        seen[^1].State.Should().Be(DiskState.Ready);
        seen[^1].RemainingBytes.Should().Be(0);
        seen.SkipLast(1).Should().NotContain(progress => progress.State == DiskState.Ready);
        seen.Select(progress => progress.RemainingBytes).Should().BeInDescendingOrder();
    }

    private static DiskState StateOf(ServerEvent one) => one.Should().BeOfType<DiskEvent>().Subject.Disk.State;

    private static async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("img@1", TestImage.Random(4 * TestImage.Segment));
        return silo;
    }

    /// <summary>Listens until it has heard enough, or the stream ends.</summary>
    private static async Task<IReadOnlyList<ServerEvent>> HearAsync(
        TestSilo silo, EventQuery query, Func<IReadOnlyList<ServerEvent>, bool> isEnough, CancellationToken end)
    {
        var heard = new List<ServerEvent>();
        await foreach (var one in silo.Api.WatchEventsAsync(query, end))
        {
            heard.Add(one);
            if (isEnough(heard))
            {
                break;
            }
        }

        return heard;
    }

    /// <summary>Waits until so many listen.</summary>
    private static async Task ListeningAsync(TestSilo silo, int count, CancellationToken end)
    {
        while (silo.Process.EventListeners != count)
        {
            end.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
