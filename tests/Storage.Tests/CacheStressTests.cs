namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that under threads that lease, load, fail, cancel and drop at random no reader ever sees a byte that is not
/// its segment's, the budget is never exceeded, and the accounts are exact in the end.
/// </summary>
public sealed class CacheStressTests
{
    private const int Page = TestSegments.Page;
    private const int Names = 120;

    /// <summary>Enough for what all workers hold and load at once, so that every wait for room ends.</summary>
    private const long Ample = 112 * Page;

    /// <summary>Less than that: loads wait in vain while everybody holds on, and give up.</summary>
    private const long Tight = 50 * Page;

    private static readonly Digest[] Digests = [.. Enumerable.Range(0, Names).Select(TestSegments.NameOf)];

    [Theory]
    [InlineData(1, Ample)]
    [InlineData(2, Ample)]
    [InlineData(3, Tight)]
    [InlineData(4, Tight)]
    public async Task Random_use_by_many_threads(int seed, long budget)
    {
        await using var cache = new SegmentCache(new SegmentCacheOptions
        {
            BudgetBytes = budget,
            SegmentSizeBytes = Page,
            PoisonFreedMemory = true,
            ReservationTimeout = budget == Ample ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(1),
        });
        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(() => WorkAsync(cache, seed, worker))));
        await LoadsEndAsync(cache);
        var statistics = cache.Statistics;
        (statistics.LeasedBytes, statistics.LoadingBytes, statistics.WaitingReservations)
            .Should().Be((0, 0, 0), "seed {0}", seed);
        var resident = Enumerable.Range(0, Names).Where(n => cache.Contains(Digests[n])).ToArray();
        statistics.Evictions.Should().BeGreaterThan(100, "seed {0}", seed);
        statistics.Segments.Should().Be(resident.Length, "seed {0}", seed);
        statistics.UsedBytes.Should().Be(resident.Sum(n => ChargeOf(n)), "seed {0}", seed);
        await cache.DisposeAsync();
        (cache.UsedBytes, cache.Statistics.PooledBytes).Should().Be((0, 0), "seed {0}", seed);
    }

    /// <summary>Loads whose callers have all left are still being cancelled, or have yet to ask for memory.</summary>
    private static async Task LoadsEndAsync(SegmentCache cache)
    {
        var deadline = TestSegments.Deadline;
        while (cache.Statistics.LoadsInFlight > 0)
        {
            deadline.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static int LengthOf(int number) => (number % 4) switch
    {
        0 => Page,
        1 => 100,
        2 => 3 * Page,
        _ => (2 * Page) + 1,
    };

    private static long ChargeOf(int number) => (LengthOf(number) + Page - 1) / Page * Page;

    private static async Task WorkAsync(SegmentCache cache, int seed, int worker)
    {
        var random = new Random((seed * 1000) + worker);
        var kept = new Queue<(SegmentBuffer Buffer, int Number)>();
        for (var step = 0; step < 5000; step++)
        {
            var number = (int)(Names * random.NextDouble() * random.NextDouble());
            switch (random.Next(20))
            {
                case 0:
                    cache.Drop(Digests[number]);
                    break;
                case 1:
                    Keep(kept, await LoadAsync(cache, number, random, fail: true), number);
                    break;
                case < 12:
                    Keep(kept, cache.TryLease(Digests[number], out var hit) ? hit : null, number);
                    break;
                default:
                    Keep(kept, await LoadAsync(cache, number, random, fail: false), number);
                    break;
            }

            if (kept.Count > random.Next(5))
            {
                Check(kept.Dequeue(), seed);
            }

            if (cache.UsedBytes > cache.BudgetBytes)
            {
                throw new InvalidDataException($"The budget was exceeded (seed {seed}).");
            }
        }

        while (kept.TryDequeue(out var last))
        {
            Check(last, seed);
        }
    }

    private static void Keep(Queue<(SegmentBuffer Buffer, int Number)> kept, SegmentBuffer? buffer, int number)
    {
        if (buffer is not null)
        {
            kept.Enqueue((buffer, number));
        }
    }

    private static void Check((SegmentBuffer Buffer, int Number) lease, int seed)
    {
        var (buffer, number) = lease;
        if (buffer.Length != LengthOf(number) || !TestSegments.IsMarked(buffer.Span, number))
        {
            throw new InvalidDataException($"Segment {number} had wrong bytes under its lease (seed {seed}).");
        }

        // A second lease through the object, as holders of buffers take it; it may have been evicted or dropped.
        if (buffer.TryLease())
        {
            buffer.Release();
        }

        buffer.Release();
    }

    /// <summary>The buffer, or null where the load failed or the caller gave up.</summary>
    private static async Task<SegmentBuffer?> LoadAsync(SegmentCache cache, int number, Random random, bool fail)
    {
        var yields = random.Next(3);
        using var cancellation = new CancellationTokenSource();
        var loading = cache.GetOrLoadAsync(
            Digests[number], LengthOf(number), async (destination, token) =>
            {
                for (var i = 0; i < yields; i++)
                {
                    await Task.Yield();
                    token.ThrowIfCancellationRequested();
                }

                TestSegments.Mark(destination.Span, number);
                if (fail)
                {
                    throw new InvalidDataException("injected");
                }
            }, cancellation.Token);
        if (random.Next(10) == 0)
        {
            await cancellation.CancelAsync();
        }

        try
        {
            return await loading;
        }
        catch (Exception e) when (e is InvalidDataException or OperationCanceledException or CacheExhaustedException)
        {
            return null;
        }
    }
}
