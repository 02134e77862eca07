using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that each block that leaves the parent is counted once, by its source, for good.</summary>
public sealed class OverlayProgressTests : IDisposable
{
    private const int Block = OverlayStore.BlockBytes;
    private const int Blocks = 1000;
    private const long Size = (Blocks * Block) - 100;
    private readonly Guid _disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f004");
    private readonly TempDirectory _folder = new();
    private readonly PatternParent _parent = new(Size);

    public void Dispose() => _folder.Dispose();

    /// <summary>The first source counts, others later do not, and opening again changes nothing.</summary>
    [Fact]
    public async Task The_first_source_of_a_block_counts()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        var expected = new OverlayProgress(3, 2, 3, 4, 256 + 8, 5 + 2);
        await using (var store = await directory.OpenAsync(_disk, Size, 1))
        {
            await store.HydrateAsync(0, Filled(3), OverlaySource.GuestRead);
            await store.WriteAsync(2 * Block, Filled(3), _parent);
            await store.HydrateAsync(0, Filled(7), OverlaySource.Prefetched);
            await store.HydrateAsync(7 * Block, Filled(3));
            await store.WriteAsync((10 * Block) + 5, Filled(1), _parent);
            await store.TrimAsync(0, 20 * Block);
            await store.TrimAsync(256 * Block, 256 * Block);
            (await store.HydrateZeroesAsync(15 * Block, 10 * Block)).Should().Be(5 * Block);
            (await store.HydrateAsync(25 * Block, new byte[2 * Block], OverlaySource.GuestRead)).Should().Be(2 * Block);
            store.Statistics.Progress.Should().Be(expected);
        }

        await using var again = await directory.OpenAsync(_disk, Size, 1);
        again.Statistics.Progress.Should().Be(expected);
        (again.Statistics.Progress.Total + again.Statistics.ParentBlocks).Should().Be(Blocks);
    }

    /// <summary>Only what fetched bytes are for may be said when they are stored.</summary>
    [Fact]
    public async Task Hydration_takes_no_guest_source()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        await store.Invoking(async s => await s.HydrateAsync(0, Filled(1), OverlaySource.Overwritten))
            .Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    /// <summary>Bytes of partial blocks and of the disk's short end are counted as they are.</summary>
    [Fact]
    public async Task Parent_bytes_are_counted_to_the_byte()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        store.CountParentBytes(0, Size).Should().Be(Size);
        await store.HydrateAsync(3 * Block, Filled(1));
        store.CountParentBytes((2 * Block) + 10, 2 * Block).Should().Be(Block);
        store.CountParentBytes((2 * Block) + 10, 100).Should().Be(100);
        store.CountParentBytes((3 * Block) + 10, 100).Should().Be(0);
        store.HasParentBlocks(3 * Block, Block).Should().BeFalse();
        store.HasParentBlocks(3 * Block, Block + 1).Should().BeTrue();
        (await store.HydrateZeroesAsync(900 * Block, Size - (900 * Block))).Should().Be(Size - (900 * Block));
        store.CountParentBytes(0, Size).Should().Be(899 * Block);
        store.HasParentBlocks(900 * Block, Size - (900 * Block)).Should().BeFalse();
    }

    /// <summary>A change of size keeps the sum right and no figure negative.</summary>
    [Fact]
    public async Task A_resize_keeps_the_sum()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, 600 * Block, 1);
        await store.HydrateAsync(590 * Block, Filled(10));
        await store.TrimAsync(0, 4 * Block);
        await store.ResizeAsync(700 * Block);
        store.Statistics.Progress.Should().Be(new OverlayProgress(0, 0, 10, 0, 104, 0));
        await store.ResizeAsync(300 * Block);
        store.Statistics.Progress.Should().Be(new OverlayProgress(0, 0, 4, 0, 0, 0));
        (store.Statistics.ParentBlocks, store.CountParentBytes(0, 300 * Block)).Should().Be((296, 296L * Block));
        store.Statistics.MapMemoryBytes.Should().BeLessThan(16 << 10);
    }

    /// <summary>
    /// Blocks that arrive at each moment of commits and checkpoints are counted by the commit that names them: a power
    /// cut at any moment leaves counts that are those of the map.
    /// </summary>
    [Fact]
    public async Task A_power_cut_amid_commits_keeps_the_sum()
    {
        var machine = new PowerLossFileSystem();
        var limits = new OverlayOptions { MinJournalBytes = 64 << 10 };
        var store = await new OverlayDirectory("/", limits, machine).OpenAsync(_disk, Size, 1);
        await store.WriteAsync(0, Filled(1), _parent);
        var (random, next, isInside) = (new Random(1), 0, false);
        List<OverlayStatistics> found = [];
        machine.BeforeEach = m =>
        {
            if (isInside)
            {
                return;
            }

            // Nothing of it waits: the machine is one of memory, and no commit is due.
            isInside = true;
            next++;
            _ = store.HydrateAsync(next * 7 % (Blocks - 1) * Block, Filled(1)).AsTask().GetAwaiter().GetResult();
            var opening = new OverlayDirectory("/", limits, m.Fork(random)).OpenAsync(_disk, Size, 2);
            found.Add(opening.GetAwaiter().GetResult().Statistics);
            isInside = false;
        };
        while (next < 250)
        {
            await store.TrimAsync(random.Next(Blocks - 1) * Block, Block);
            await store.FlushAsync();
        }

        found.Should().OnlyContain(s => s.Progress.Total + s.ParentBlocks == Blocks);
        store.Statistics.Checkpoints.Should().BeGreaterThan(2);
    }

    private static byte[] Filled(int blocks)
    {
        var bytes = new byte[blocks * Block];
        bytes.AsSpan().Fill(1);
        return bytes;
    }
}
