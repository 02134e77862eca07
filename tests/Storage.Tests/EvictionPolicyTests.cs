namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that the cache keeps what is used again, and that a scan does not wash it out.</summary>
public sealed class EvictionPolicyTests
{
    private const int Page = TestSegments.Page;
    private const int Capacity = 200;
    private const int Universe = 2000;

    private readonly Digest[] _names = [.. Enumerable.Range(0, 5 * Universe).Select(TestSegments.NameOf)];

    /// <summary>
    /// A Zipf load with full scans in between: the hit ratio of the Zipf part is better than LRU's, and the scan costs
    /// it little.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Beats_lru_under_a_scan(int seed)
    {
        var requests = ZipfWithScans(seed);
        var ours = await RatioAsync(requests);
        var lru = LruRatio(requests);
        ours.Should().BeGreaterThan(lru + 0.03, "seed {0}: ours {1:0.000}, LRU {2:0.000}", seed, ours, lru);
    }

    /// <summary>A pure Zipf load does not lose against LRU.</summary>
    [Fact]
    public async Task Does_not_lose_to_lru_without_a_scan()
    {
        var requests = Zipf(new Random(3), 30_000).Select(n => (n, true)).ToArray();
        var ours = await RatioAsync(requests);
        var lru = LruRatio(requests);
        ours.Should().BeGreaterThan(lru, "ours {0:0.000}, LRU {1:0.000}", ours, lru);
    }

    /// <summary>A scan in small reads, 64 of each segment, is still a scan: the hot set survives it.</summary>
    [Fact]
    public async Task A_scan_in_small_reads_does_not_look_like_reuse()
    {
        await using var cache = TestSegments.NewCache(Capacity * Page);
        for (var round = 0; round < 20; round++)
        {
            for (var hot = 0; hot < Capacity / 2; hot++)
            {
                await TouchAsync(cache, hot);
            }

            for (var i = 0; i < 20; i++)
            {
                await TouchAsync(cache, 1000 + (round * 20) + i);
            }
        }

        for (var n = 0; n < Universe; n++)
        {
            for (var read = 0; read < 64; read++)
            {
                await TouchAsync(cache, 2000 + n);
            }

            if (n % 4 == 0)
            {
                await TouchAsync(cache, n / 4 % (Capacity / 2));
            }
        }

        Enumerable.Range(0, Capacity / 2).Count(hot => cache.Contains(_names[hot]))
            .Should().BeGreaterThan(Capacity / 2 * 9 / 10);
    }

    private static IEnumerable<int> Zipf(Random random, int count)
    {
        var cumulative = new double[Universe];
        double sum = 0;
        for (var n = 0; n < Universe; n++)
        {
            sum += 1 / Math.Pow(n + 1, 0.9);
            cumulative[n] = sum;
        }

        for (var i = 0; i < count; i++)
        {
            var index = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            yield return index < 0 ? ~index : index;
        }
    }

    private static (int Number, bool Counts)[] ZipfWithScans(int seed)
    {
        var random = new Random(seed);
        var requests = new List<(int, bool)>();
        for (var round = 0; round < 4; round++)
        {
            requests.AddRange(Zipf(random, 4000).Select(n => (n, true)));
            var scan = 0;
            foreach (var n in Zipf(random, 1000))
            {
                // While one reads everything once, the others go on.
                requests.Add((n, true));
                requests.Add((Universe + (round * 2000) + scan++, false));
                requests.Add((Universe + (round * 2000) + scan++, false));
            }
        }

        return [.. requests];
    }

    private async Task<double> RatioAsync((int Number, bool Counts)[] requests)
    {
        await using var cache = TestSegments.NewCache(Capacity * Page);
        int hits = 0, asked = 0;
        foreach (var (number, counts) in requests)
        {
            var hit = await TouchAsync(cache, number);
            asked += counts ? 1 : 0;
            hits += counts && hit ? 1 : 0;
        }

        return (double)hits / asked;
    }

    private async ValueTask<bool> TouchAsync(SegmentCache cache, int number)
    {
        if (cache.TryLease(_names[number], out var resident))
        {
            resident.Release();
            return true;
        }

        await cache.TouchAsync(number);
        return false;
    }

    private static double LruRatio((int Number, bool Counts)[] requests)
    {
        var order = new LinkedList<int>();
        var resident = new Dictionary<int, LinkedListNode<int>>();
        int hits = 0, asked = 0;
        foreach (var (number, counts) in requests)
        {
            asked += counts ? 1 : 0;
            if (resident.TryGetValue(number, out var node))
            {
                hits += counts ? 1 : 0;
                order.Remove(node);
                order.AddFirst(node);
                continue;
            }

            resident[number] = order.AddFirst(number);
            if (resident.Count > Capacity)
            {
                resident.Remove(order.Last!.Value);
                order.RemoveLast();
            }
        }

        return (double)hits / asked;
    }
}
