namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows single flight, leases, drops and the life of a residency.</summary>
public sealed class SegmentCacheTests
{
    private const int Page = TestSegments.Page;

    /// <summary>A miss loads, later calls hit, and the bytes are those of the load.</summary>
    [Fact]
    public async Task A_miss_loads_once()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var buffer = await cache.GetAsync(1, 1000);
        (buffer.Length, buffer.Digest).Should().Be((1000, TestSegments.NameOf(1)));
        TestSegments.IsMarked(buffer.Span, 1).Should().BeTrue();
        TestSegments.IsMarked(buffer.Memory.Span, 1).Should().BeTrue();
        cache.TryLease(TestSegments.NameOf(1), out var same).Should().BeTrue();
        same.Should().BeSameAs(buffer);
        var statistics = cache.Statistics;
        (statistics.Hits, statistics.Misses, statistics.Loads).Should().Be((1, 1, 1));
        (statistics.UsedBytes, statistics.LeasedBytes, statistics.Segments).Should().Be((Page, Page, 1));
        buffer.Release();
        same!.Release();
        cache.Statistics.LeasedBytes.Should().Be(0);
        cache.TryLease(TestSegments.NameOf(2), out _).Should().BeFalse();
    }

    /// <summary>Many who ask at once cause one load and all get it.</summary>
    [Fact]
    public async Task Many_readers_share_one_load()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var gate = new TaskCompletionSource();
        var loads = 0;
        var readers = Enumerable.Range(0, 500).Select(_ => cache.GetOrLoadAsync(
            TestSegments.NameOf(1), Page, async (destination, _) =>
            {
                Interlocked.Increment(ref loads);
                await gate.Task;
                TestSegments.Mark(destination.Span, 1);
            }, TestSegments.Deadline).AsTask()).ToArray();
        gate.SetResult();
        var buffers = await Task.WhenAll(readers);
        loads.Should().Be(1);
        buffers.All(buffer => TestSegments.IsMarked(buffer.Span, 1)).Should().BeTrue();
        cache.Statistics.JoinedLoads.Should().Be(499);
        Array.ForEach(buffers, buffer => buffer.Release());
        cache.Statistics.LeasedBytes.Should().Be(0);
    }

    /// <summary>A failed load reaches all its waiters, keeps no memory, and the next call loads again.</summary>
    [Fact]
    public async Task A_failed_load_is_reported_once_and_forgotten()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var gate = new TaskCompletionSource();
        var readers = Enumerable.Range(0, 20).Select(_ => cache.GetOrLoadAsync(
            TestSegments.NameOf(1), Page, async (_, _) =>
            {
                await gate.Task;
                throw new InvalidDataException("poisoned");
            }, TestSegments.Deadline).AsTask()).ToArray();
        gate.SetResult();
        foreach (var reader in readers)
        {
            await reader.Invoking(r => r).Should().ThrowAsync<InvalidDataException>();
        }

        cache.UsedBytes.Should().Be(0);
        cache.Statistics.LoadFailures.Should().Be(1);
        await cache.TouchAsync(1);
        cache.Statistics.Loads.Should().Be(2);
    }

    /// <summary>One caller's cancellation ends its own wait only; the load goes on for the others.</summary>
    [Fact]
    public async Task Cancellation_ends_one_wait()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var gate = new TaskCompletionSource();
        SegmentLoad load = async (destination, token) =>
        {
            await gate.Task;
            token.IsCancellationRequested.Should().BeFalse();
            TestSegments.Mark(destination.Span, 1);
        };
        using var cancellation = new CancellationTokenSource();
        var leaving = cache.GetOrLoadAsync(TestSegments.NameOf(1), Page, load, cancellation.Token).AsTask();
        var staying = cache.GetOrLoadAsync(TestSegments.NameOf(1), Page, load, TestSegments.Deadline).AsTask();
        await cancellation.CancelAsync();
        await leaving.Invoking(l => l).Should().ThrowAsync<OperationCanceledException>();
        gate.SetResult();
        var buffer = await staying;
        TestSegments.IsMarked(buffer.Span, 1).Should().BeTrue();
        buffer.Release();
        cache.Statistics.LeasedBytes.Should().Be(0);
    }

    /// <summary>
    /// When the last caller leaves the load is cancelled and its memory comes back; a new caller loads anew.
    /// </summary>
    [Fact]
    public async Task The_load_is_cancelled_with_its_last_waiter()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var cancelled = new TaskCompletionSource();
        using var cancellation = new CancellationTokenSource();
        var leaving = cache.GetOrLoadAsync(
            TestSegments.NameOf(1), Page, async (_, token) =>
            {
                using var registration = token.Register(() => cancelled.TrySetResult());
                await cancelled.Task;
                token.ThrowIfCancellationRequested();
            }, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await leaving.Invoking(l => l).Should().ThrowAsync<OperationCanceledException>();
        await cancelled.Task.WaitAsync(TestSegments.Deadline);
        await cache.TouchAsync(1);
        await cache.DisposeAsync();
        cache.UsedBytes.Should().Be(0);
        cache.Statistics.LoadFailures.Should().Be(0);
    }

    /// <summary>A dropped segment leaves the index at once; whoever reads it keeps the bytes until released.</summary>
    [Fact]
    public async Task Dropped_segments_stay_readable_for_their_readers()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var buffer = await cache.GetAsync(1);
        cache.Drop(TestSegments.NameOf(1)).Should().BeTrue();
        cache.Drop(TestSegments.NameOf(1)).Should().BeFalse();
        (buffer.IsResident, buffer.TryLease()).Should().Be((false, false));
        cache.TryLease(TestSegments.NameOf(1), out _).Should().BeFalse();
        TestSegments.IsMarked(buffer.Span, 1).Should().BeTrue();
        cache.Statistics.LeasedBytes.Should().Be(Page);
        var next = await cache.GetAsync(1);
        next.Should().NotBeSameAs(buffer);
        cache.Drop(buffer).Should().BeFalse("that residency has ended; the new one is another");
        cache.UsedBytes.Should().Be(2 * Page);
        buffer.Release();
        cache.UsedBytes.Should().Be(Page);
        next.Release();
    }

    /// <summary>Use after release and a release too many are errors, never somebody else's bytes.</summary>
    [Fact]
    public async Task Misuse_is_noticed()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        var buffer = await cache.GetAsync(1);
        var memory = buffer.Memory;
        cache.Drop(buffer);
        buffer.Release();
        FluentActions.Invoking(() => memory.Span[0]).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => buffer.Span[0]).Should().Throw<ObjectDisposedException>();
        buffer.Invoking(b => b.Release()).Should().Throw<InvalidOperationException>();
        (buffer.TryLease(), buffer.IsResident).Should().Be((false, false));
        cache.UsedBytes.Should().Be(0);
    }

    /// <summary>
    /// Disposal fails waiters, cancels loads, and leaves leased bytes readable until they are released.
    /// </summary>
    [Fact]
    public async Task Disposal_ends_everything_but_leases()
    {
        var cache = TestSegments.NewCache(10 * Page);
        var buffer = await cache.GetAsync(1);
        var started = new TaskCompletionSource();
        var loading = cache.GetOrLoadAsync(
            TestSegments.NameOf(2), Page, async (_, token) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }, TestSegments.Deadline).AsTask();
        await started.Task;
        await cache.DisposeAsync();
        await loading.Invoking(l => l).Should().ThrowAsync<OperationCanceledException>();
        TestSegments.IsMarked(buffer.Span, 1).Should().BeTrue();
        cache.UsedBytes.Should().Be(Page);
        buffer.Release();
        cache.UsedBytes.Should().Be(0);
        await cache.Invoking(async c => await c.GetAsync(3)).Should().ThrowAsync<ObjectDisposedException>();
        cache.TryLease(TestSegments.NameOf(1), out _).Should().BeFalse();
    }
}
