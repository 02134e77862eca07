namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that the budget holds, and what happens when it is not enough.</summary>
public sealed class CacheBudgetTests
{
    private const int Page = TestSegments.Page;

    /// <summary>Room is made by evicting, each eviction is reported, and the budget is never exceeded.</summary>
    [Fact]
    public async Task Room_is_made_by_eviction()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var evicted = new HashSet<Digest>();
        cache.Evicted += digest => evicted.Add(digest).Should().BeTrue();
        for (var i = 0; i < 50; i++)
        {
            await cache.TouchAsync(i);
            cache.UsedBytes.Should().BeLessThanOrEqualTo(10 * Page);
        }

        var statistics = cache.Statistics;
        (statistics.Segments, statistics.Evictions, statistics.UsedBytes).Should().Be((10, 40, 10 * Page));
        evicted.Should().HaveCount(40);
        evicted.Should().NotContain(digest => cache.Contains(digest));
    }

    /// <summary>A segment larger than the budget is refused at once, as an error that will not pass.</summary>
    [Fact]
    public async Task Too_large_a_segment_is_refused()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var get = async () => await cache.GetAsync(1, (10 * Page) + 1);
        var error = (await get.Should().ThrowAsync<CacheExhaustedException>()).Which;
        (error.Reason, error.IsTransient).Should().Be((CacheExhaustedReason.SegmentTooLarge, false));
        await cache.TouchAsync(1, 10 * Page);
        cache.UsedBytes.Should().Be(10 * Page);
    }

    /// <summary>With everything leased a load waits, in turn, until leases come back.</summary>
    [Fact]
    public async Task Loads_wait_for_leases_in_order()
    {
        await using var cache = TestSegments.NewCache(4 * Page);
        var held = new List<SegmentBuffer>();
        for (var i = 0; i < 4; i++)
        {
            held.Add(await cache.GetAsync(i));
        }

        var large = cache.GetAsync(100, 2 * Page).AsTask();
        await WaitingAsync(cache, 1);
        var small = cache.GetAsync(101).AsTask();
        await WaitingAsync(cache, 2);
        held[0].Release();
        large.IsCompleted.Should().BeFalse();
        small.IsCompleted.Should().BeFalse("the large one is first, else it would starve");
        held[1].Release();
        (await large).Release();
        held[2].Release();
        (await small).Release();
        held[3].Release();
        cache.Statistics.WaitingReservations.Should().Be(0);
    }

    /// <summary>
    /// A deadline that ends while waiting for room is a typed error with figures, and leaves no trace.
    /// </summary>
    [Fact]
    public async Task A_deadline_ends_the_wait_for_room()
    {
        await using var cache = TestSegments.NewCache(2 * Page);
        var held = await cache.GetAsync(1, 2 * Page);
        using var cancellation = new CancellationTokenSource();
        var waiting = cache.GetAsync(2, Page, cancellation.Token).AsTask();
        await WaitingAsync(cache, 1);
        await cancellation.CancelAsync();
        var error = (await waiting.Invoking(w => w).Should().ThrowAsync<CacheExhaustedException>()).Which;
        (error.Reason, error.IsTransient).Should().Be((CacheExhaustedReason.TimedOut, true));
        (error.Statistics.LeasedBytes, error.LengthBytes).Should().Be((2 * Page, Page));
        await WaitingAsync(cache, 0);
        held.Release();
        await cache.TouchAsync(3);
    }

    /// <summary>A caller without a deadline does not wait for ever: the cache has its own limit.</summary>
    [Fact]
    public async Task The_wait_for_room_has_a_limit_of_its_own()
    {
        await using var cache = new SegmentCache(new SegmentCacheOptions
        {
            BudgetBytes = Page,
            ReservationTimeout = TimeSpan.FromMilliseconds(20),
        });
        var held = await cache.GetAsync(1);
        var get = async () => await cache.GetAsync(2, Page, CancellationToken.None);
        (await get.Should().ThrowAsync<CacheExhaustedException>()).Which.Reason
            .Should().Be(CacheExhaustedReason.TimedOut);
        cache.Statistics.WaitingReservations.Should().Be(0);
        held.Release();
        await cache.TouchAsync(2);
    }

    /// <summary>The queue is bounded: one too many fails at once and may be retried.</summary>
    [Fact]
    public async Task The_queue_is_bounded()
    {
        await using var cache = TestSegments.NewCache(Page, maxWaiting: 2);
        var held = await cache.GetAsync(0);
        Task<SegmentBuffer>[] waiting = [cache.GetAsync(1).AsTask(), cache.GetAsync(2).AsTask()];
        await WaitingAsync(cache, 2);
        var get = async () => await cache.GetAsync(3);
        var error = (await get.Should().ThrowAsync<CacheExhaustedException>()).Which;
        (error.Reason, error.IsTransient).Should().Be((CacheExhaustedReason.QueueFull, true));
        held.Release();
        foreach (var load in await Task.WhenAll(waiting.Select(async load => await ReleaseAsync(load))))
        {
            load.Should().BeTrue();
        }
    }

    private static async Task<bool> ReleaseAsync(Task<SegmentBuffer> load)
    {
        (await load).Release();
        return true;
    }

    /// <summary>Waits until so many loads wait for room: they get there on the thread pool.</summary>
    private static async Task WaitingAsync(SegmentCache cache, int count)
    {
        var deadline = TestSegments.Deadline;
        while (cache.Statistics.WaitingReservations != count)
        {
            deadline.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
