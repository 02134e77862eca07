using System.Diagnostics;
using System.Reflection;
using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows how a striped disk uses the one beneath: which requests it makes, when, and how many.</summary>
public sealed class StripedDiskTests
{
    private static readonly LayerFormat Wide = new(1 << 20, 64 << 10, 4, IsEncrypted: false);
    private static readonly LayerFormat Narrow = new(64 << 10, 4 << 10, 3, IsEncrypted: false);

    /// <summary>Each way to read asks all segments that it touches at once, and each of them once.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sequential_read_pulls_from_all_columns_at_once(bool isEncrypted)
    {
        foreach (var (format, segments) in ((LayerFormat, int)[])[(Wide, 4), (Narrow, 18)])
        {
            await using var stack = new LayerStack(format with { IsEncrypted = isEncrypted }, 8 << 20);
            var content = Fill(stack);
            (stack.Store.IsSlow, stack.Store.IsCold) = (true, true);
            var bytes = new byte[1 << 20];
            Func<Task>[] ways =
            [
                () => stack.Disk.ReadManyAsync(0, bytes).AsTask(),
                async () => (await stack.Disk.ReadAsync(0, bytes)).Should().Be(bytes.Length),
                async () =>
                {
                    var slice = await stack.Disk.LeaseAsync(0, bytes.Length);
                    slice.Length.Should().Be(bytes.Length);
                    slice.CopyTo(bytes);
                    slice.Release();
                },
            ];
            foreach (var way in ways)
            {
                bytes.AsSpan().Clear();
                var read = way();
                stack.Store.Waiting.Should().HaveCount(segments);
                stack.Store.Waiting.Select(what => long.Parse(what.Split(' ', '+')[1]) / format.SegmentBytes)
                    .Should().OnlyHaveUniqueItems();
                await stack.Store.DriveAsync(read);
                bytes.AsSpan().SequenceEqual(content.AsSpan(0, bytes.Length)).Should().BeTrue();
            }

            stack.Store.Lent.Should().Be(0);
        }
    }

    /// <summary>Pieces of the size that a disk names touch all its columns between them.</summary>
    [Theory]
    [InlineData(1 << 20, 64 << 10, 4)]
    [InlineData(64 << 10, 4 << 10, 3)]
    [InlineData(16 << 20, 1 << 20, 4)]
    [InlineData(16 << 20, 4 << 20, 4)]
    public async Task Eight_pieces_at_a_time_keep_all_columns_busy(int segment, int unit, int count)
    {
        await using var stack = new LayerStack(new LayerFormat(segment, unit, count, false), 64 << 20);
        var piece = stack.Disk.SegmentSizeBytes;
        var columns = Enumerable.Range(0, 8).SelectMany(n => stack.Layout.RunsOf((long)n * piece, piece))
            .Select(run => run.Physical / segment % count).Distinct();
        columns.Should().HaveCount(count);
    }

    /// <summary>A request is one request below for each segment, however small the stripe units.</summary>
    [Fact]
    public async Task A_request_is_split_by_segment_and_not_by_unit()
    {
        await using var stack = new LayerStack(Narrow, 8 << 20);
        await stack.Disk.WriteZeroesAsync(0, 4 << 20);
        await stack.Disk.TrimAsync(100, (4 << 20) - 100);
        stack.Store.Log.Should().HaveCountLessThan(20);
        stack.Store.Log.Clear();
        stack.Store.IsSlow = true;
        await stack.Store.DriveAsync(stack.Disk.WriteAsync(0, new byte[1 << 20]).AsTask());
        stack.Store.Log.Should().HaveCount(18);
    }

    /// <summary>A write, a zeroing and a flush of any alignment leave nothing that a crash could undo.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_asked_to_be_durable_is(bool isEncrypted)
    {
        foreach (var format in (LayerFormat[])[Wide, Narrow])
        {
            await using var stack = new LayerStack(format with { IsEncrypted = isEncrypted }, (8 << 20) - 512);
            (long, int)[] ranges =
            [
                (0, 4096), (512, 512), (4096, 8192), (1000, 200_000), (65_536, 1 << 20), (0, 3 << 20),
                ((8 << 20) - 1024, 512), ((8 << 20) - 4096, 3584), (3 << 20, (5 << 20) - 512),
            ];
            foreach (var (offset, length) in ranges)
            {
                await stack.Disk.WriteAsync(offset, new byte[length], isDurable: true);
                stack.Store.IsDurable.Should().BeTrue("{0}+{1} was written", offset, length);
                await stack.Disk.WriteZeroesAsync(offset, length, isDurable: true);
                stack.Store.IsDurable.Should().BeTrue("{0}+{1} was zeroed", offset, length);
            }

            await stack.Disk.WriteAsync(0, new byte[4096]);
            stack.Store.IsDurable.Should().BeFalse();
            await stack.Disk.FlushAsync();
            stack.Store.IsDurable.Should().BeTrue();
        }
    }

    /// <summary>A request of several parts fails when none of them is under way any more.</summary>
    [Fact]
    public async Task A_failure_is_told_when_all_parts_have_ended()
    {
        await using var stack = new LayerStack(Wide, 8 << 20);
        stack.Store.IsSlow = true;
        stack.Store.Fault = what =>
            what.StartsWith("write 0+", StringComparison.Ordinal) ? new IOException(what) : null;
        var write = stack.Disk.WriteAsync(0, new byte[256 << 10]).AsTask();
        stack.Store.Waiting.Should().HaveCount(4);
        stack.Store.CompleteOne("write 0+");
        write.IsCompleted.Should().BeFalse();
        var failed = async () => await stack.Store.DriveAsync(write);
        await failed.Should().ThrowAsync<IOException>().WithMessage("write 0+*");
        stack.Store.Waiting.Should().BeEmpty();
    }

    /// <summary>The extents of a large hole are a few questions, not one for each stripe unit.</summary>
    [Fact]
    public async Task A_large_hole_is_cheap_to_map()
    {
        var layout = Narrow.LayoutOf(1L << 40);
        await using var hole = new HoleDisk(layout.PhysicalBytes);
        await using var disk = new StripedDisk(hole, layout, layout.SizeBytes);
        var extents = await disk.GetExtentsAsync(100, layout.SizeBytes - 200);
        extents.Should().Equal(new DiskExtent(100, layout.SizeBytes - 200, true));
        hole.Questions.Should().BeLessThan(10);
    }

    /// <summary>What cannot be right is refused at once.</summary>
    [Fact]
    public async Task Sizes_that_do_not_fit_and_writes_to_a_read_only_disk_are_refused()
    {
        var layout = Wide.LayoutOf((1 << 20) + 512);
        await using var small = new StoreDisk(layout.PhysicalBytes - 4096);
        await using var store = new StoreDisk(layout.PhysicalBytes, isReadOnly: true);
        Func<StripedDisk> tooSmall = () => new StripedDisk(small, layout, layout.SizeBytes);
        tooSmall.Should().Throw<ArgumentOutOfRangeException>();
        Func<StripedDisk> tooLarge = () => new StripedDisk(store, layout, (1 << 20) + 4097);
        tooLarge.Should().Throw<ArgumentOutOfRangeException>();
        var disk = new StripedDisk(store, layout, layout.SizeBytes);
        disk.IsReadOnly.Should().BeTrue();
        var write = async () => await disk.WriteAsync(0, new byte[1]);
        (await write.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.BadRequest);
        var beyond = async () => await disk.ReadManyAsync((1 << 20) + 512, new byte[1]);
        await beyond.Should().ThrowAsync<ArgumentOutOfRangeException>();
        await disk.DisposeAsync();
        store.IsDisposed.Should().BeTrue();
    }

    /// <summary>
    /// Reads of bytes at hand and writes of whole sectors leave no work to the garbage collector. (A compiler that does
    /// not optimise makes an object of each asynchronous call: then only reads are measured.)
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_hot_path_allocates_nothing(bool isEncrypted)
    {
        await using var stack = new LayerStack(Wide with { IsEncrypted = isEncrypted }, 8 << 20);
        Fill(stack);
        var canWrite = !isEncrypted || typeof(CipherDisk).Assembly
            .GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
        var data = new byte[8192];
        Work(100).Should().BeTrue();
        var isFast = true;
        Allocations.LeastOf(() => isFast &= Work(100)).Should().Be(0);
        isFast.Should().BeTrue();

        bool Work(int times)
        {
            var isFast = true;
            for (var i = 0; i < times; i++)
            {
                isFast &= stack.Disk.TryLease(i * 512, 70_000, out var slice);
                slice.Release();
                isFast &= !canWrite || stack.Disk.WriteAsync(i % 8 * 4096, data).IsCompletedSuccessfully;
            }

            return isFast;
        }
    }

    private static byte[] Fill(LayerStack stack)
    {
        var content = new byte[stack.Layout.SizeBytes];
        new Random(7).NextBytes(content);
        stack.Disk.WriteAsync(0, content).IsCompletedSuccessfully.Should().BeTrue();
        return content;
    }
}
