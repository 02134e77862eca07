using System.Buffers.Binary;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that a frozen view keeps what the disk held at its moment, at the price of what has changed since, and no
/// longer than it or the overlay is open.
/// </summary>
public sealed class OverlayViewTests : IDisposable
{
    private const int Block = OverlayStore.BlockBytes;
    private const int Blocks = 1024;
    private const long Size = Blocks * Block;
    private readonly Guid _disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f005");
    private readonly TempDirectory _folder = new();
    private readonly PatternParent _parent = new(Size);

    public void Dispose() => _folder.Dispose();

    /// <summary>Rewriting a disk again and again while a view is open costs its content once, not each time.</summary>
    [Fact]
    public async Task A_view_holds_only_what_it_shows()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        await store.WriteAsync(0, Filled(100, 1), _parent);
        var older = await store.FreezeAsync();
        var newer = await store.FreezeAsync();
        for (byte round = 2; round < 20; round++)
        {
            await store.WriteAsync(0, Filled(100, round), _parent, isFua: true);
        }

        var figures = store.Statistics;
        (figures.OpenViews, figures.ViewHeldBytes).Should().Be((2, 100L * Block));
        figures.ViewMemoryBytes.Should().BeInRange(1, 64 << 10);
        figures.DataFileBytes.Should().BeLessThan(500 * Block);
        await newer.DisposeAsync();
        store.Statistics.ViewHeldBytes.Should().Be(100 * Block);
        Check(older, 100, 1);
        await older.DisposeAsync();
        (store.Statistics.ViewHeldBytes, store.Statistics.ViewMemoryBytes).Should().Be((0, 0));
        await store.FlushAsync();
        await store.WriteAsync(0, Filled(100, 20), _parent, isFua: true);
        store.Statistics.DataFileBytes.Should().Be(figures.DataFileBytes);
        older.Invoking(v => v.Read(0, new byte[1])).Should().Throw<ObjectDisposedException>();
        older.Invoking(v => v.Lookup(0, 1)).Should().Throw<ObjectDisposedException>();
    }

    /// <summary>A trim, hydration and both changes of size leave a view as it was.</summary>
    [Fact]
    public async Task A_view_keeps_what_is_trimmed_hydrated_or_cut_off()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        await store.WriteAsync(Size - (500 * Block), Filled(500, 1), _parent);
        await using var view = await store.FreezeAsync();
        await store.HydrateAsync(0, Filled(10, 9));
        await store.TrimAsync(Size - (400 * Block), 400 * Block);
        await store.ResizeAsync(100 * Block);
        await store.ResizeAsync(2 * Size);
        await store.WriteAsync(Size - (500 * Block), Filled(600, 2), _parent, isFua: true);
        view.SizeBytes.Should().Be(Size);
        view.Lookup(0, Size).Should().Be(new OverlayExtent(OverlayBlockState.Parent, Size - (500 * Block)));
        var content = new byte[(500 * Block) - 7];
        view.Read(Size - content.Length, content);
        content.AsSpan().ContainsAnyExcept((byte)1).Should().BeFalse();
        view.Invoking(v => v.Read(0, new byte[Block])).Should().Throw<InvalidOperationException>();
        view.Invoking(v => v.Read(Size, new byte[1])).Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>A fifth view is refused until one of the four has ended.</summary>
    [Fact]
    public async Task Views_are_bounded()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        var views = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.FreezeAsync()));
        (await store.Invoking(s => s.FreezeAsync()).Should().ThrowAsync<OverlayViewLimitException>())
            .Which.Limit.Should().Be(4);
        await views[2].DisposeAsync();
        await views[2].DisposeAsync();
        views[2] = await store.FreezeAsync();
        await Task.WhenAll(views.Select(view => view.DisposeAsync().AsTask()));
        store.Statistics.OpenViews.Should().Be(0);
    }

    /// <summary>A newer owner, and a closed overlay, end the reads of open views with their reason.</summary>
    [Fact]
    public async Task The_end_of_the_overlay_ends_its_views()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        var store = await directory.OpenAsync(_disk, Size, 1);
        await store.WriteAsync(0, Filled(1, 1), _parent);
        var view = await store.FreezeAsync();
        var newer = await directory.OpenAsync(_disk, Size, 2);
        view.Invoking(v => v.Read(0, new byte[Block])).Should().Throw<OverlayFencedException>();
        await store.Invoking(s => s.FreezeAsync()).Should().ThrowAsync<OverlayFencedException>();
        await view.DisposeAsync();
        view = await newer.FreezeAsync();
        await newer.DisposeAsync();
        view.Invoking(v => v.Read(0, new byte[Block])).Should().Throw<ObjectDisposedException>();
        await view.DisposeAsync();
    }

    /// <summary>
    /// While guests write, number after number first to a left and then to a right block, a view is of one moment: no
    /// right block is ahead of its left one, no acknowledged write is missing, and a second look shows the same.
    /// </summary>
    [Fact]
    public async Task A_view_is_of_one_moment()
    {
        await using var directory = new OverlayDirectory(_folder.Path, new() { MaxUncommittedBlocks = 64 });
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        var acknowledged = new int[4];
        using var stop = new CancellationTokenSource();
        var all = Task.WhenAll(Enumerable.Range(0, acknowledged.Length)
            .Select(w => Task.Run(() => WriteAsync(store, w, acknowledged, stop.Token))));
        for (var round = 0; round < 60 && !all.IsCompleted; round++)
        {
            var floor = acknowledged.Select((_, w) => Volatile.Read(ref acknowledged[w])).ToArray();
            await using var view = await store.FreezeAsync();
            var first = Numbers(view, floor.Length);
            await store.FlushAsync();
            Numbers(view, floor.Length).Should().Equal(first);
            for (var w = 0; w < floor.Length; w++)
            {
                first[w].Right.Should().BeInRange(floor[w], first[w].Left);
                first[w].Left.Should().BeLessThanOrEqualTo(first[w].Right + 1);
            }
        }

        await stop.CancelAsync();
        await all;
        store.Statistics.ViewHeldBytes.Should().Be(0);
    }

    private async Task WriteAsync(OverlayStore store, int writer, int[] acknowledged, CancellationToken token)
    {
        var data = new byte[Block];
        for (var number = 1; !token.IsCancellationRequested; number++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data, number);
            await store.WriteAsync(LeftOf(writer), data, _parent, cancellationToken: CancellationToken.None);
            await store.WriteAsync(RightOf(writer), data, _parent, cancellationToken: CancellationToken.None);
            Volatile.Write(ref acknowledged[writer], number);
        }
    }

    /// <summary>Left lies behind right in the map, against the order in which a copy would pass them.</summary>
    private static long LeftOf(int writer) => (700 + writer) * Block;

    private static long RightOf(int writer) => writer * Block;

    private static (int Left, int Right)[] Numbers(OverlayView view, int writers) =>
        [.. Enumerable.Range(0, writers).Select(w => (Number(view, LeftOf(w)), Number(view, RightOf(w))))];

    private static int Number(OverlayView view, long offset)
    {
        if (view.Lookup(offset, Block).State == OverlayBlockState.Parent)
        {
            return 0;
        }

        var content = new byte[Block];
        view.Read(offset, content);
        return BinaryPrimitives.ReadInt32LittleEndian(content);
    }

    private static void Check(OverlayView view, int blocks, byte value)
    {
        var content = new byte[blocks * Block];
        view.Read(0, content);
        content.AsSpan().ContainsAnyExcept(value).Should().BeFalse();
    }

    private static byte[] Filled(int blocks, byte value)
    {
        var bytes = new byte[blocks * Block];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
