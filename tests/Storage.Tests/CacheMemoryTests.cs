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
    /// Resident bytes of the mappings that carry the marks which the pool gives its slabs: no huge pages, not in a core
    /// dump (proc(5), VmFlags "nh" and "dd"). Nothing else in the process has both.
    /// </summary>
    private static long ResidentSlabBytes()
    {
        long total = 0;
        long resident = 0;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                resident = long.Parse(line.AsSpan(4, line.Length - 7), CultureInfo.InvariantCulture) * 1024;
            }
            else if (line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                var flags = line.Split(' ');
                total += flags.Contains("nh") && flags.Contains("dd") ? resident : 0;
            }
        }

        return total;
    }
}
