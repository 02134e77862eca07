namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that what is loaded ahead gets only what the cache has to spare.</summary>
public sealed class CacheAheadTests
{
    private const int Page = TestSegments.Page;
    private const int Pages = 20;

    /// <summary>Free room is used; what has proved useful is not given up, and nothing is waited for.</summary>
    [Fact]
    public async Task Useful_segments_stay()
    {
        await using var cache = TestSegments.NewCache(Pages * Page);
        (await AheadAsync(cache, 100)).Should().BeTrue("there is room");
        for (var round = 0; round < 4; round++)
        {
            // Used again and again, with others in between that make the cache's clock go on.
            for (var n = 0; n < 10; n++)
            {
                await cache.TouchAsync(n);
                await cache.TouchAsync(1000 + (round * 10) + n);
            }
        }

        for (var n = 0; n < 40; n++)
        {
            await AheadAsync(cache, 2000 + n);
        }

        Enumerable.Range(0, 10).Count(n => cache.Contains(TestSegments.NameOf(n))).Should().Be(10);
    }

    /// <summary>What was loaded ahead and is still to be read is not given up for more of the same.</summary>
    [Fact]
    public async Task Segments_ahead_do_not_drive_out_each_other()
    {
        await using var cache = TestSegments.NewCache(Pages * Page);
        var loaded = 0;
        while (loaded < 2 * Pages && await AheadAsync(cache, loaded))
        {
            loaded++;
        }

        loaded.Should().Be(Pages);
        cache.Contains(TestSegments.NameOf(0)).Should().BeTrue();
        cache.Statistics.WaitingReservations.Should().Be(0);
        await cache.TouchAsync(0);
        (await AheadAsync(cache, 500)).Should().BeTrue("the oldest was read, so its place is to spare");
        await cache.TouchAsync(600);
        cache.Contains(TestSegments.NameOf(600)).Should().BeTrue("a reader's segment is loaded whatever is ahead");
    }

    /// <summary>Nor is it where something that has proved useful is found before it.</summary>
    [Fact]
    public async Task Segments_ahead_do_not_drive_out_each_other_behind_a_useful_one()
    {
        await using var cache = TestSegments.NewCache(Pages * Page);
        await cache.TouchAsync(0);
        for (var n = 1; n < Pages; n++)
        {
            (await AheadAsync(cache, n)).Should().BeTrue("there is room");
            await cache.TouchAsync(0);
        }

        (await AheadAsync(cache, 500)).Should().BeFalse();

        Enumerable.Range(0, Pages).Should().OnlyContain(n => cache.Contains(TestSegments.NameOf(n)));
    }

    /// <summary>Who joins a load makes it as urgent as he is, also when he becomes more urgent later.</summary>
    [Fact]
    public async Task Joining_makes_a_load_more_urgent()
    {
        await using var cache = TestSegments.NewCache(Pages * Page);
        var go = new TaskCompletionSource();
        var urgency = FetchUrgency.Of(FetchPriority.Background);
        var seen = new List<FetchPriority>();
        using var registration = urgency.OnRaised(() => seen.Add(urgency.Priority));
        async ValueTask LoadAsync(Memory<byte> destination, CancellationToken token)
        {
            await go.Task;
            TestSegments.Mark(destination.Span, 1);
        }

        ValueTask<SegmentBuffer> Get(FetchUrgency who) => cache.GetOrLoadAsync(
            TestSegments.NameOfOne, Page, LoadAsync, TestSegments.Deadline, urgency: who);
        var later = FetchUrgency.Of(FetchPriority.Background);
        var readers = new[] { Get(urgency), Get(FetchUrgency.Of(FetchPriority.Trace)), Get(later) };
        urgency.Priority.Should().Be(FetchPriority.Trace);
        later.Raise(FetchPriority.Demand);
        urgency.Priority.Should().Be(FetchPriority.Demand);
        seen.Should().Equal(FetchPriority.Trace, FetchPriority.Demand);
        go.SetResult();
        foreach (var reader in readers)
        {
            (await reader).Release();
        }

        cache.Statistics.Loads.Should().Be(1);
    }

    /// <summary>Who cannot load can still join, and hurry, what others load; alone he begins nothing.</summary>
    [Fact]
    public async Task A_load_is_joined_by_name_alone()
    {
        await using var cache = TestSegments.NewCache(Pages * Page);
        ValueTask<SegmentBuffer?> Join() => cache.TryJoinAsync(
            TestSegments.NameOfOne, FetchUrgency.Demand, TestSegments.Deadline);
        (await Join()).Should().BeNull();
        cache.Statistics.Loads.Should().Be(0);

        var go = new TaskCompletionSource();
        var urgency = FetchUrgency.Of(FetchPriority.Background);
        var load = cache.GetOrLoadAsync(
            TestSegments.NameOfOne, Page, async (_, _) => await go.Task, TestSegments.Deadline, urgency: urgency);
        var joined = Join();
        urgency.Priority.Should().Be(FetchPriority.Demand);
        go.SetResult();
        var (buffer, resident) = (await joined, await Join());
        resident.Should().BeSameAs(buffer);
        foreach (var lease in new[] { buffer!, resident!, await load })
        {
            lease.Release();
        }

        (cache.Statistics.Loads, cache.Statistics.LeasedBytes).Should().Be((1, 0));
    }

    /// <summary>As a reader's process does: it waits for the load, and lets go what comes of it.</summary>
    private static async Task<bool> AheadAsync(SegmentCache cache, int number)
    {
        try
        {
            var buffer = await cache.GetOrLoadAsync(
                TestSegments.NameOf(number), Page, TestSegments.Loading(number), TestSegments.Deadline,
                urgency: FetchUrgency.Of(FetchPriority.Trace));
            buffer.Release();
            return true;
        }
        catch (CacheExhaustedException error) when (error.Reason == CacheExhaustedReason.NothingToSpare)
        {
            return false;
        }
    }
}
