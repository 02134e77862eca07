namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that the cache's hot path leaves no work to the garbage collector.</summary>
[Collection(nameof(AloneCollection))]
public sealed class CacheAllocationTests
{
    private const int Page = TestSegments.Page;

    /// <summary>Leasing costs no allocation, through the cache and through a kept buffer.</summary>
    [Fact]
    public async Task Leasing_allocates_nothing()
    {
        await using var cache = TestSegments.NewCache(10 * Page);
        await cache.TouchAsync(1);
        Lease(cache, 1000).Should().Be(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var leased = Lease(cache, 10_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        leased.Should().Be(10_000);
        cache.Statistics.Hits.Should().Be(22_000);
    }

    private static int Lease(SegmentCache cache, int times)
    {
        var leased = 0;
        for (var i = 0; i < times; i++)
        {
            if (cache.TryLease(TestSegments.NameOfOne, out var buffer) && buffer.TryLease())
            {
                buffer.Release();
                buffer.Release();
                leased++;
            }
        }

        return leased;
    }
}
