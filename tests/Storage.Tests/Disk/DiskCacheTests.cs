using System.Diagnostics;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Disk;

/// <summary>Shows that what memory has lost is read from the disk, what is kept there, and how much.</summary>
public sealed class DiskCacheTests
{
    private const int Length = DiskCacheRig.Length;
    private const int Capacity = DiskCacheRig.Capacity;

    /// <summary>Sixteen segments in a memory of four: read again, none is fetched again.</summary>
    [Fact]
    public async Task What_memory_has_evicted_is_not_fetched_again()
    {
        await using var rig = new DiskCacheRig();
        await rig.ReadAllAsync(0, 16);

        await rig.ReadAllAsync(0, 16);

        rig.Fetches.Should().Be(16);
        rig.Memory.Statistics.Evictions.Should().BeGreaterThan(12);
        var statistics = rig.Disk.Statistics;
        statistics.Should().BeEquivalentTo(new
        {
            Segments = 16,
            Writes = 16L,
            BytesWritten = 16L * Length,
            BadCopies = 0L,
            Errors = 0L,
            WritesDropped = 0L,
            UsedBytes = 16L * Length,
            LimitBytes = DiskCacheRig.Limit,
        });
        statistics.Hits.Should().BeGreaterThanOrEqualTo(12);
        statistics.BytesRead.Should().Be(statistics.Hits * Length);
    }

    /// <summary>Also what is shorter than a unit, or longer.</summary>
    [Fact]
    public async Task What_was_written_is_there_after_a_stop_and_after_a_kill()
    {
        await using var rig = new DiskCacheRig(memorySegments: 16);
        int[] lengths = [Length, 1, 3 * Length, Length + 1, 777, 2 * Length - 1];
        foreach (var (number, length) in lengths.Index())
        {
            await rig.ReadAsync(number, length);
        }

        await rig.WrittenAsync();
        await using (var killed = DiskCache.Open(rig.Copy()))
        {
            killed.Statistics.Segments.Should().Be(lengths.Length);
            killed.Statistics.UsedBytes.Should().Be(rig.Disk.Statistics.UsedBytes);
        }

        await rig.ReopenAsync();

        foreach (var (number, length) in lengths.Index())
        {
            (await rig.IsOnDiskAsync(number, length)).Should().BeTrue();
        }

        (await rig.IsOnDiskAsync(99)).Should().BeFalse();
        rig.Disk.Statistics.Should().BeEquivalentTo(new { Hits = (long)lengths.Length, Misses = 1L, Writes = 0L });
    }

    /// <summary>The hand goes on where it stood: what was written last stays longest.</summary>
    [Fact]
    public async Task After_a_restart_the_oldest_make_room_first()
    {
        await using var rig = new DiskCacheRig();
        await rig.ReadAllAsync(0, Capacity + 5);
        await rig.ReopenAsync();

        await rig.ReadAllAsync(100, 10);

        rig.Disk.Statistics.Should().BeEquivalentTo(new { Segments = Capacity, Evictions = 10L });
        (await rig.IsOnDiskAsync(14)).Should().BeFalse();
        (await rig.IsOnDiskAsync(15)).Should().BeTrue();
    }

    /// <summary>
    /// Ten segments that are read again before the others have all made room, while thrice as many as there is room for
    /// go through once: the ten stay.
    /// </summary>
    [Fact]
    public async Task A_scan_does_not_push_out_what_is_used()
    {
        await using var rig = new DiskCacheRig();
        await rig.ReadAllAsync(0, 10);
        for (var scanned = 0; scanned < 3 * Capacity; scanned += Capacity - 10)
        {
            await rig.ReadAllAsync(0, 10);
            await rig.ReadAllAsync(100 + scanned, Capacity - 10);
        }

        foreach (var number in Enumerable.Range(0, 10))
        {
            (await rig.IsOnDiskAsync(number)).Should().BeTrue();
        }

        rig.Disk.Statistics.Evictions.Should().BeGreaterThan(2 * Capacity);
        rig.Fetches.Should().Be((int)rig.Disk.Statistics.Writes, "nothing was fetched twice");
    }

    /// <summary>What is used in memory is not read here; a scan leaves it here for after a restart.</summary>
    [Fact]
    public async Task A_scan_does_not_push_out_what_is_used_in_memory()
    {
        await using var rig = new DiskCacheRig(memorySegments: 20);
        await rig.ReadAllAsync(0, 8);
        for (var n = 0; n < Capacity * 3; n++)
        {
            await rig.ReadAllAsync(100 + n, 1);
            await rig.ReadAsync(n % 8);
        }

        rig.Disk.Statistics.Hits.Should().BeLessThan(20, "they stay in memory for the most part");
        await rig.ReopenAsync();
        foreach (var number in Enumerable.Range(0, 8))
        {
            (await rig.IsOnDiskAsync(number)).Should().BeTrue();
        }
    }

    /// <summary>The file is no longer than the limit from its first moment on, whatever is written.</summary>
    [Theory]
    [InlineData(1, 2L << 20)]
    [InlineData(2, (3L << 20) + 12345)]
    [InlineData(3, (5L << 20) - 1)]
    public async Task The_limit_is_exact_under_random_load(int seed, long limit)
    {
        var random = new Random(seed);
        await using var rig = new DiskCacheRig(limit, memorySegments: 24);
        for (var step = 0; step < 400; step++)
        {
            var number = random.Next(60);
            await rig.ReadAsync(number, 1 + number * 5000);
            if (step % 20 == 0)
            {
                (rig.Disk.Statistics.UsedBytes <= limit).Should().BeTrue("seed {0}", seed);
                BytesIn(rig.Options.Directory).Should().BeLessThanOrEqualTo(limit, "seed {0}", seed);
            }
        }

        await rig.WrittenAsync();
        rig.Disk.Statistics.Evictions.Should().BePositive("seed {0}", seed);
        rig.Disk.Statistics.BadCopies.Should().Be(0, "seed {0}", seed);
        BytesIn(rig.Options.Directory).Should().BeInRange(limit - 2 * Length, limit, "seed {0}", seed);
    }

    /// <summary>What is asked for is used to the last unit but one, from the least to very large ones.</summary>
    [Fact]
    public void No_layout_exceeds_its_limit()
    {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var limit = (long)(DiskCacheOptions.MinLimitBytes * Math.Pow(2, random.NextDouble() * 24));
            var layout = DiskCacheLayout.Within(limit);

            layout.LengthBytes.Should().BeLessThanOrEqualTo(limit);
            layout.LengthBytes.Should().BeGreaterThan(limit - layout.UnitBytes - 3 * DiskCacheLayout.PageBytes);
            layout.CapacityBytes.Should().BeGreaterThanOrEqualTo(SegmentMap.DefaultSegmentSizeBytes);
        }
    }

    [RequiresToolFact("stat")]
    public async Task The_space_is_taken_at_once_and_never_more()
    {
        await using var rig = new DiskCacheRig(32 << 20);
        var before = await BlocksAsync(rig.FilePath);
        await rig.ReadAllAsync(0, 50);

        before.Should().BeInRange(31 << 20, 32 << 20);
        (await BlocksAsync(rig.FilePath)).Should().BeInRange(31 << 20, 32 << 20);
    }

    [Fact]
    public async Task Another_limit_begins_anew()
    {
        await using var rig = new DiskCacheRig();
        await rig.ReadAllAsync(0, 10);

        await rig.ReopenAsync(rig.Options with { LimitBytes = 4 << 20 });

        rig.Disk.Statistics.Segments.Should().Be(0);
        BytesIn(rig.Options.Directory).Should().BeInRange(3 << 20, 4 << 20);
        await rig.ReadAllAsync(20, 10);
        (await rig.IsOnDiskAsync(25)).Should().BeTrue();
    }

    /// <summary>A name that is not the digest of the bytes says nothing when they are read.</summary>
    [Fact]
    public async Task Derived_segments_are_not_taken()
    {
        await using var rig = new DiskCacheRig();
        var segment = await rig.Memory.GetOrLoadAsync(
            TestSegments.NameOfOne, Length, TestSegments.Loading(1), TestSegments.Deadline, isDerived: true);
        rig.Disk.Offer(segment);
        segment.Release();
        await rig.WrittenAsync();

        rig.Disk.Statistics.Should().BeEquivalentTo(new { Segments = 0, Writes = 0L, WritesDropped = 0L });
    }

    private static long BytesIn(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static async Task<long> BlocksAsync(string path)
    {
        using var stat = Process.Start(
            new ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        var blocks = await stat.StandardOutput.ReadToEndAsync();
        await stat.WaitForExitAsync();
        return long.Parse(blocks) * 512;
    }
}
