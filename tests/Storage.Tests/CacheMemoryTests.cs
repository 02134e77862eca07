using System.Globalization;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows by the operating system's own count that the cache's memory stays within its budget.</summary>
[Collection(nameof(AloneCollection))]
public sealed class CacheMemoryTests
{
    private const long Budget = 48L << 20;

    /// <summary>
    /// A working set of mixed segment lengths, many times the budget: the pages that the cache's slabs have resident
    /// are never more than the budget (and the page in front of a slab), and all are returned in the end.
    /// </summary>
    [Fact]
    public async Task Resident_pages_stay_within_the_budget()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var before = ResidentSlabBytes();
        var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = Budget });
        var random = new Random(1);
        for (var phase = 0; phase < 9; phase++)
        {
            var length = (64 * 1024) << (phase % 6);
            for (long loaded = 0; loaded < Budget + (Budget / 2); loaded += length)
            {
                var cut = random.Next(4) == 0 ? random.Next(1, length) : length;
                await cache.TouchAsync(random.Next(), cut);
            }

            var statistics = cache.Statistics;
            (statistics.UsedBytes + statistics.PooledBytes).Should().BeLessThanOrEqualTo(Budget);
            var resident = ResidentSlabBytes() - before;
            resident.Should().BeInRange(Budget / 2, Budget + (1 << 20), "phase {0}", phase);
        }

        await cache.DisposeAsync();
        (ResidentSlabBytes() - before).Should().BeLessThan(1 << 20);
    }

    /// <summary>
    /// Segments that fill their blocks lie in huge pages, and only these do: what shares a page with others would keep
    /// it resident.
    /// </summary>
    [Theory]
    [InlineData(1 << 20, true)]
    [InlineData(4 << 20, true)]
    [InlineData(64 << 10, true)]
    [InlineData((1 << 20) - 4096, false)]
    public async Task Full_segments_lie_in_huge_pages(int length, bool isHuge)
    {
        if (!HasHugePages())
        {
            return;
        }

        await using var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = Budget });
        var random = new Random(2);
        for (long loaded = 0; loaded < Budget; loaded += length)
        {
            await cache.TouchAsync(random.Next(), length);
        }

        (SlabBytes("AnonHugePages:") > 0).Should().Be(isHuge);
    }

    /// <summary>
    /// A cache that takes its memory at the start has all of it resident before it is used, not more, and needs no more
    /// for what comes.
    /// </summary>
    [Fact]
    public async Task A_populated_cache_has_its_memory_from_the_start()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var before = ResidentSlabBytes();
        await using var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = Budget, Populate = true });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (cache.Statistics.PooledBytes < Budget)
        {
            await Task.Delay(10, limit.Token);
        }

        (ResidentSlabBytes() - before).Should().Be(Budget);
        var random = new Random(3);
        for (long loaded = 0; loaded < 2 * Budget; loaded += 1 << 20)
        {
            await cache.TouchAsync(random.Next(), 1 << 20);
        }

        (ResidentSlabBytes() - before).Should().Be(Budget);
    }

    private static bool HasHugePages()
    {
        const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";
        return File.Exists(Setting) && !File.ReadAllText(Setting).Contains("[never]", StringComparison.Ordinal);
    }

    private static long ResidentSlabBytes() => SlabBytes("Rss:");

    /// <summary>
    /// Bytes of the mappings that carry the marks which the pool gives its slabs: no huge pages or huge pages by wish,
    /// and not in a core dump (proc(5), VmFlags "nh", "hg" and "dd"). Nothing else in the process has both.
    /// </summary>
    private static long SlabBytes(string count)
    {
        long total = 0;
        long bytes = 0;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.StartsWith(count, StringComparison.Ordinal))
            {
                var number = line.AsSpan(count.Length, line.Length - count.Length - " kB".Length);
                bytes = long.Parse(number, CultureInfo.InvariantCulture) * 1024;
            }
            else if (line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                var flags = line.Split(' ');
                total += (flags.Contains("nh") || flags.Contains("hg")) && flags.Contains("dd") ? bytes : 0;
            }
        }

        return total;
    }
}
