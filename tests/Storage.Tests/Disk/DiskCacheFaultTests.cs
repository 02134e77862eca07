using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Disk;

/// <summary>Shows that a disk that lies, fails or hangs costs fetches, never a wrong byte or a failed read.</summary>
public sealed class DiskCacheFaultTests
{
    private const int Length = DiskCacheRig.Length;

    /// <summary>Ends a test that fails while the disk hangs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>A bit anywhere in a copy: dropped, counted, fetched again, and the next copy is good.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4096 * 5 + 17)]
    [InlineData(Length - 1)]
    public async Task A_flipped_bit_is_found_and_the_segment_fetched_again(int at)
    {
        await using var rig = new DiskCacheRig();
        List<string> reports = [];
        await rig.ReadAllAsync(0, 6);
        rig.Files.Flip(rig.FilePath, DataOffset + 3 * Length + at);
        rig.Disk.Troubled += (what, _) => reports.Add(what);
        Enumerable.Range(0, 6).ToList().ForEach(rig.Drop);

        await rig.ReadAllAsync(0, 6);

        rig.Fetches.Should().Be(7);
        rig.Disk.Statistics.Should().BeEquivalentTo(new { BadCopies = 1L, Segments = 6, Hits = 5L, Errors = 0L });
        reports.Should().ContainSingle().Which.Should().Contain(DiskCacheRig.NameOf(3).ToString());
        (await rig.IsOnDiskAsync(3)).Should().BeTrue();
    }

    /// <summary>A bad copy is not found a second time after a restart.</summary>
    [Fact]
    public async Task A_bad_copy_is_removed_for_good()
    {
        await using var rig = new DiskCacheRig();
        await rig.ReadAllAsync(0, 3);
        rig.Files.Flip(rig.FilePath, DataOffset + Length);
        (await rig.IsOnDiskAsync(1)).Should().BeFalse();

        await rig.ReopenAsync();

        rig.Disk.Statistics.Segments.Should().Be(2);
        (await rig.IsOnDiskAsync(1)).Should().BeFalse();
        rig.Disk.Statistics.BadCopies.Should().Be(0);
    }

    /// <summary>Any bit of the header and the table: what is read is right, or not there.</summary>
    [Fact]
    public async Task A_flipped_bit_in_the_table_costs_at_most_its_segment()
    {
        await using var rig = new DiskCacheRig();
        await rig.ReadAllAsync(0, 4);
        var entry = 4096 + 64;
        (int, int)[] changes = [(entry, 3), (entry + 33, 3), (entry + 40, 3), (entry + 47, 3), (9, 0)];
        foreach (var (at, left) in changes)
        {
            var copy = rig.Copy();
            var file = Path.Combine(copy.Directory, "segments");
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(file, bytes);

            await using var disk = DiskCache.Open(copy);

            disk.Statistics.Segments.Should().Be(left, "byte {0} was changed", at);
        }
    }

    [Fact]
    public async Task Writes_that_fail_cost_no_read_and_are_tried_again_after_a_pause()
    {
        var time = new FakeTime();
        await using var rig = new DiskCacheRig(time: time);
        rig.Files.WriteError = SeamFileSystem.NoSpace;
        await rig.ReadAllAsync(0, 10);

        rig.Fetches.Should().Be(10);
        rig.Disk.Statistics.Should().BeEquivalentTo(
            new { Segments = 0, Errors = 1L, WritesDropped = 10L, QueuedBytes = 0L });

        time.Advance(TimeSpan.FromSeconds(1));
        await rig.ReadAllAsync(10, 5);
        rig.Disk.Statistics.Should().BeEquivalentTo(new { Errors = 2L, WritesDropped = 15L });
        time.Advance(TimeSpan.FromSeconds(1));
        await rig.ReadAllAsync(20, 5);
        rig.Disk.Statistics.Errors.Should().Be(2, "the second pause is longer");

        rig.Files.WriteError = 0;
        time.Advance(TimeSpan.FromSeconds(1));
        await rig.ReadAllAsync(30, 5);
        rig.Disk.Statistics.Should().BeEquivalentTo(new { Segments = 5, Writes = 5L });
        rig.Memory.Statistics.LeasedBytes.Should().Be(0);
    }

    [Fact]
    public async Task Reads_that_fail_become_fetches()
    {
        var time = new FakeTime();
        await using var rig = new DiskCacheRig(time: time);
        await rig.ReadAllAsync(0, 6);
        rig.Files.ReadError = SeamFileSystem.Failed;
        Enumerable.Range(0, 6).ToList().ForEach(rig.Drop);

        await rig.ReadAllAsync(0, 6);

        rig.Fetches.Should().Be(12);
        rig.Disk.Statistics.Should().BeEquivalentTo(new { Errors = 1L, BadCopies = 0L, Hits = 0L, Misses = 12L });

        rig.Files.ReadError = 0;
        time.Advance(TimeSpan.FromSeconds(1));
        (await rig.IsOnDiskAsync(5)).Should().BeTrue();
    }

    /// <summary>While the disk hangs in a write, reads go on, and what waits is bounded.</summary>
    [Fact]
    public async Task A_disk_that_hangs_costs_dropped_writes_only()
    {
        await using var rig = new DiskCacheRig(queueBytes: 3 * Length, memorySegments: 8);
        using var gate = new ManualResetEventSlim();
        rig.Files.BeforeWrite = _ => gate.Wait(Longest);
        for (var number = 0; number < 40; number++)
        {
            await rig.ReadAsync(number);
        }

        rig.Disk.Statistics.Should().BeEquivalentTo(
            new { QueuedBytes = 3L * Length, WritesDropped = 37L, Writes = 0L });
        gate.Set();
        await rig.WrittenAsync();
        rig.Disk.Statistics.Writes.Should().Be(3);
    }

    /// <summary>A stop writes what waits, gives back every lease, and leaves the directory free.</summary>
    [Fact]
    public async Task A_stop_is_clean()
    {
        await using var rig = new DiskCacheRig(memorySegments: 8);
        using var gate = new ManualResetEventSlim();
        rig.Files.BeforeWrite = _ => gate.Wait(Longest);
        for (var number = 0; number < 4; number++)
        {
            await rig.ReadAsync(number);
        }

        var stop = rig.Disk.DisposeAsync().AsTask();
        await rig.ReadAsync(9);
        stop.IsCompleted.Should().BeFalse();
        gate.Set();
        await stop;

        rig.Memory.Statistics.LeasedBytes.Should().Be(0);
        (await rig.IsOnDiskAsync(0)).Should().BeFalse("it is closed");
        await rig.ReopenAsync();
        rig.Disk.Statistics.Segments.Should().Be(4);
    }

    [Fact]
    public async Task Two_caches_cannot_have_one_directory()
    {
        await using var rig = new DiskCacheRig();

        var error = FluentActions.Invoking(() => DiskCache.Open(rig.Options))
            .Should().Throw<DiskCacheException>().Which;

        error.Fault.Should().Be(DiskCacheFault.InUse);
        error.Message.Should().ContainAll(rig.Options.Directory, "another process", "choose another");
    }

    [Theory]
    [InlineData(DiskCacheOptions.MinLimitBytes - 1, DiskCacheFault.LimitTooSmall, "at least 2M")]
    [InlineData(1L << 50, DiskCacheFault.NoRoom, "smaller size")]
    public void A_limit_that_cannot_be_is_refused(long limit, DiskCacheFault fault, string says)
    {
        using var directory = new TempDirectory();
        var options = new DiskCacheOptions { Directory = directory["cache"], LimitBytes = limit };

        var error = FluentActions.Invoking(() => DiskCache.Open(options)).Should().Throw<DiskCacheException>().Which;

        error.Fault.Should().Be(fault);
        error.Message.Should().ContainAll(options.Directory, says);
        Directory.Exists(options.Directory).Should().Be(fault != DiskCacheFault.LimitTooSmall);
        File.Exists(Path.Combine(options.Directory, "segments")).Should().BeFalse();
    }

    [Fact]
    public void A_directory_that_is_none_is_refused()
    {
        using var directory = new TempDirectory();
        File.WriteAllText(directory["file"], "");
        foreach (var place in (string[])[directory["file"], directory["file", "below"]])
        {
            var options = new DiskCacheOptions { Directory = place, LimitBytes = DiskCacheOptions.MinLimitBytes };
            var error = FluentActions.Invoking(() => DiskCache.Open(options))
                .Should().Throw<DiskCacheException>().Which;
            error.Fault.Should().Be(DiskCacheFault.Unusable);
            error.Message.Should().ContainAll(place, "choose a directory");
        }
    }

    /// <summary>Where the units of the rig's file begin.</summary>
    private const int DataOffset = 2 * 4096;
}
