using System.Diagnostics;

namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that bit rot in resident segments is found, never served again, and healed by the next load.
/// </summary>
public sealed class CacheScrubTests
{
    private const int Length = 8192;

    /// <summary>
    /// 1,000 segments with one flipped bit each, among as many sound ones: one pass finds all, drops them, counts and
    /// reports them; they load again with the right bytes. The sound ones stay, and the pass counts as no use.
    /// </summary>
    [Fact]
    public async Task A_thousand_flips_are_found()
    {
        await using var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = 64 << 20 });
        var random = new Random(14);
        var flipped = new HashSet<Digest>();
        var contents = new Dictionary<Digest, byte[]>();
        for (var i = 0; i < 2000; i++)
        {
            var content = TestSegments.ContentOf(i, random.Next(1, Length));
            var digest = Digest.Compute(content);
            contents[digest] = content;
            var buffer = await LoadAsync(cache, digest, content);
            if (i % 2 == 0)
            {
                Flip(buffer, random.Next(content.Length * 8));
                flipped.Add(digest);
            }

            buffer.Release();
        }

        var corrupted = new HashSet<Digest>();
        cache.Corrupted += digest => corrupted.Add(digest);
        var hits = cache.Statistics.Hits;
        var report = await cache.ScrubAsync(0, TestSegments.Deadline);
        report.Segments.Should().Be(2000);
        flipped.SetEquals(report.Corrupt).Should().BeTrue();
        flipped.SetEquals(corrupted).Should().BeTrue();
        (cache.Statistics.CorruptSegments, cache.Statistics.Segments, cache.Statistics.Hits)
            .Should().Be((1000, 1000, hits));

        foreach (var (digest, content) in contents)
        {
            (cache.Contains(digest) ^ flipped.Contains(digest)).Should().BeTrue();
            var buffer = await LoadAsync(cache, digest, content);
            buffer.Span.SequenceEqual(content).Should().BeTrue();
            buffer.Release();
        }

        (await cache.ScrubAsync(0, TestSegments.Deadline)).Corrupt.Should().BeEmpty();
    }

    /// <summary>A reader who suspects a buffer can have it checked; rot in a leased one is dropped as well.</summary>
    [Fact]
    public async Task One_segment_can_be_verified()
    {
        await using var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = 1 << 20 });
        var content = TestSegments.ContentOf(1, Length);
        var buffer = await LoadAsync(cache, Digest.Compute(content), content);
        cache.Verify(buffer).Should().BeTrue();
        Flip(buffer, 12345);
        cache.Verify(buffer).Should().BeFalse();
        buffer.TryLease().Should().BeFalse();
        cache.Contains(buffer.Digest).Should().BeFalse();
        buffer.Release();
        cache.UsedBytes.Should().Be(0);
    }

    /// <summary>A slowed-down pass keeps to its pace.</summary>
    [Fact]
    public async Task A_pass_keeps_its_pace()
    {
        await using var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = 4 << 20 });
        for (var i = 0; i < 32; i++)
        {
            var content = TestSegments.ContentOf(i, 64 * 1024);
            (await LoadAsync(cache, Digest.Compute(content), content)).Release();
        }

        var watch = Stopwatch.StartNew();
        await cache.ScrubAsync(10 << 20, TestSegments.Deadline);
        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromMilliseconds(180));
    }

    private static ValueTask<SegmentBuffer> LoadAsync(SegmentCache cache, Digest digest, byte[] content) =>
        cache.GetOrLoadAsync(
            digest, content.Length,
            (destination, _) =>
            {
                content.CopyTo(destination);
                return ValueTask.CompletedTask;
            },
            TestSegments.Deadline);

    private static unsafe void Flip(SegmentBuffer buffer, int bit) => buffer.Pointer[bit / 8] ^= (byte)(1 << (bit % 8));
}
