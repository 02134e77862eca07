using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows what an overlay on real files keeps, costs and refuses.</summary>
public sealed class OverlayTests : IDisposable
{
    private const int Block = OverlayStore.BlockBytes;
    private const long Size = 4 << 20;
    private readonly Guid _disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f002");
    private readonly TempDirectory _folder = new();
    private readonly PatternParent _parent = new(Size);

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// A fresh clone has nothing but an empty file, which says that it is in use; its first commit adds the map, and
    /// deletion removes both.
    /// </summary>
    [Fact]
    public async Task A_fresh_overlay_has_an_empty_file()
    {
        await using var directory = new OverlayDirectory(_folder["d"]);
        await using (var store = await directory.OpenAsync(_disk, Size, 1))
        {
            store.Lookup(0, Size).Should().Be(new OverlayExtent(OverlayBlockState.Parent, Size));
            await store.FlushAsync();
            Directory.GetFiles(_folder["d"]).Should().ContainSingle().Which.Should().EndWith(".data");
            store.Statistics.DataFileBytes.Should().Be(0);
            await store.WriteAsync(5, new byte[10], _parent);
            Directory.GetFiles(_folder["d"]).Should().HaveCount(1);
            await directory.Invoking(d => d.DeleteAsync(_disk)).Should().ThrowAsync<OverlayBusyException>();
        }

        Directory.GetFiles(_folder["d"]).Should().HaveCount(2);
        await directory.DeleteAsync(_disk);
        Directory.GetFiles(_folder["d"]).Should().BeEmpty();
    }

    /// <summary>A write within a block takes the rest from the parent, cold or not, and only that block.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_partial_write_copies_only_its_blocks(bool isCold)
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        var parent = new PatternParent(Size) { IsCold = isCold };
        await store.WriteAsync((8 * Block) - 100, new byte[Block + 200], parent, isFua: true);
        var expected = new byte[3 * Block];
        _parent.Fill(7 * Block, expected);
        expected.AsSpan(Block - 100, Block + 200).Clear();
        var actual = new byte[3 * Block];
        store.Read(7 * Block, actual);
        actual.AsSpan().SequenceEqual(expected).Should().BeTrue();
        (parent.Reads, store.Statistics.DataBlocks).Should().Be((2, 3));
        store.Invoking(s => s.Read(0, new byte[1])).Should().Throw<InvalidOperationException>();
    }

    /// <summary>An empty disk of a TiB takes 64 KiB at most, and zeroing all of it a few bytes a MiB.</summary>
    [Fact]
    public async Task An_empty_tebibyte_is_small()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        await using var store = await directory.OpenAsync(_disk, 1L << 40, 1);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(64 << 10);
        store.Lookup(0, 1L << 40).LengthBytes.Should().Be(1L << 40);
        await store.TrimAsync(0, 1L << 38);
        store.Lookup(0, 1L << 40).Should().Be(new OverlayExtent(OverlayBlockState.Zero, 1L << 38));
        store.Statistics.MapMemoryBytes.Should().BeLessThan(4 << 20);
    }

    /// <summary>What many whole blocks take in memory is eight bytes each and little more.</summary>
    [Fact]
    public async Task Memory_is_eight_bytes_a_block()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, 64 << 20, 1);
        var data = new byte[1 << 20];
        new Random(1).NextBytes(data);
        for (var at = 0; at < 64 << 20; at += data.Length)
        {
            (await store.HydrateAsync(at, data)).Should().Be(data.Length);
        }

        store.IsComplete.Should().BeTrue();
        store.Statistics.MapMemoryBytes.Should().BeLessThan((16384 * 9) + 16384);
    }

    /// <summary>Warm reads and writes of whole blocks and of parts of present blocks allocate nothing.</summary>
    [Fact]
    public async Task Hot_paths_do_not_allocate()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        ReadOnlyMemory<byte> data = new byte[Block];
        var target = new byte[Block];
        for (var round = 0; round < 2; round++)
        {
            // The lists of dirty blocks and of superseded slots, which commits use in turn, get their size.
            Use(store, data, target);
            Use(store, data, target);
            await store.FlushAsync();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Use(store, data, target);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1024, "2000 calls were made");
    }

    /// <summary>A newer epoch keeps what the older had acknowledged and refuses all it does afterwards.</summary>
    [Fact]
    public async Task A_newer_epoch_fences_the_older()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        var older = await directory.OpenAsync(_disk, Size, 1);
        await older.WriteAsync(0, Filled(1), _parent);
        await directory.Invoking(d => d.OpenAsync(_disk, Size, 1)).Should().ThrowAsync<OverlayBusyException>();
        await using (var newer = await directory.OpenAsync(_disk, Size, 2))
        {
            (await older.Invoking(async s => await s.WriteAsync(0, Filled(2), _parent))
                .Should().ThrowAsync<OverlayFencedException>()).Which.NewerEpoch.Should().Be(2);
            await older.Invoking(s => s.FlushAsync()).Should().ThrowAsync<OverlayFencedException>();
            older.Invoking(s => s.Read(0, new byte[1])).Should().Throw<OverlayFencedException>();
            First(newer).Should().Be(1);
            await older.DisposeAsync();
        }

        await directory.Invoking(d => d.OpenAsync(_disk, Size, 1)).Should().ThrowAsync<OverlayFencedException>();
        await using var again = await directory.OpenAsync(_disk, Size, 2);
        First(again).Should().Be(1);
    }

    /// <summary>
    /// A later owner without any file leaves its epoch; an owner elsewhere cannot have the files as well.
    /// </summary>
    [Fact]
    public async Task Files_keep_the_epoch_and_their_owner()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var elsewhere = new OverlayDirectory(_folder.Path);
        await using (var store = await directory.OpenAsync(_disk, Size, 7))
        {
            await elsewhere.Invoking(d => d.OpenAsync(_disk, Size, 8)).Should().ThrowAsync<OverlayBusyException>();
            await elsewhere.Invoking(d => d.DeleteAsync(_disk)).Should().ThrowAsync<OverlayBusyException>();
        }

        (await elsewhere.Invoking(d => d.OpenAsync(_disk, Size, 6)).Should().ThrowAsync<OverlayFencedException>())
            .Which.NewerEpoch.Should().Be(7);
    }

    /// <summary>
    /// An owner who has nothing of his own yet keeps others out all the same, whatever the epochs: else he would later
    /// put his map in the place of theirs.
    /// </summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public async Task An_empty_overlay_has_one_owner(long epoch, long newer)
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var elsewhere = new OverlayDirectory(_folder.Path);
        var store = await directory.OpenAsync(_disk, Size, epoch);
        (await elsewhere.Invoking(d => d.OpenAsync(_disk, Size, newer)).Should().ThrowAsync<OverlayBusyException>())
            .Which.IsElsewhere.Should().BeTrue();
        await elsewhere.Invoking(d => d.DeleteAsync(_disk)).Should().ThrowAsync<OverlayBusyException>();

        // The map's file is another one after this; the owner is the same.
        await store.ZeroAsync(0, Size, _parent, isFua: true);
        await elsewhere.Invoking(d => d.OpenAsync(_disk, Size, newer)).Should().ThrowAsync<OverlayBusyException>();
        await store.DisposeAsync();

        await using var next = await elsewhere.OpenAsync(_disk, Size, newer);
        next.Lookup(0, Size).State.Should().Be(OverlayBlockState.Zero);
    }

    /// <summary>What a crash before the first commit has left in the data file is neither seen nor in the way.
    /// </summary>
    [Fact]
    public async Task What_was_never_committed_does_not_count()
    {
        await File.WriteAllBytesAsync(_folder[$"{_disk:N}.data"], new byte[10 * Block + 7]);
        await using (var directory = new OverlayDirectory(_folder.Path))
        {
            await using var store = await directory.OpenAsync(_disk, Size, 1);
            store.Lookup(0, Size).State.Should().Be(OverlayBlockState.Parent);
            await store.WriteAsync(0, Filled(9), _parent, isFua: true);
        }

        await using var again = new OverlayDirectory(_folder.Path);
        await using var reopened = await again.OpenAsync(_disk, Size, 2);
        First(reopened).Should().Be(9);
        reopened.Statistics.RepairedPages.Should().Be(0);
    }

    /// <summary>Flushes that run at once share commits, and every one of them is durable.</summary>
    [Fact]
    public async Task Concurrent_flushes_share_commits()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(n =>
            store.WriteAsync(n * Block, Filled((byte)n), _parent, isFua: true).AsTask()));
        store.Statistics.UncommittedBlocks.Should().Be(0);
        store.Statistics.Commits.Should().BeLessThan(64);
    }

    private static byte First(OverlayStore store)
    {
        var first = new byte[1];
        store.Read(0, first);
        return first[0];
    }

    private static byte[] Filled(byte value)
    {
        var bytes = new byte[Block];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private void Use(OverlayStore store, ReadOnlyMemory<byte> data, byte[] target)
    {
        for (var n = 0; n < 500; n++)
        {
            var whole = store.WriteAsync(n * Block, data, _parent);
            var part = store.WriteAsync((n * Block) + 100, data[..50], _parent);
            Assert.True(whole.IsCompletedSuccessfully && part.IsCompletedSuccessfully);
            store.Read(n * Block, target);
            store.Read((n * Block) + 7, target.AsSpan(0, 100));
            Assert.True(store.TryRead(n * Block, target) && store.TryRead((n * Block) + 7, target.AsSpan(0, 100)));
        }
    }
}
