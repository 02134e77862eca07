using System.Runtime.InteropServices;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that with many writers, readers, flushes and hydration at once no read is torn, hydration never replaces a
/// write, and parts of one block written by different threads all arrive.
/// </summary>
public sealed class OverlayStressTests
{
    private const int Block = OverlayStore.BlockBytes;
    private const int Blocks = 300;
    private const int Workers = 6;
    private const long HydratedMark = 0;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_use_by_many_threads(int seed)
    {
        using var folder = new TempDirectory();
        await using var directory = new OverlayDirectory(folder.Path, new() { MaxUncommittedBlocks = 256 });
        var store = await directory.OpenAsync(Guid.NewGuid(), Blocks * Block, 1);
        var written = new long[Blocks];
        await Task.WhenAll(Enumerable.Range(1, Workers)
            .Select(worker => Task.Run(() => WorkAsync(store, written, seed, worker))));
        await store.DisposeAsync();
        await using var again = await directory.OpenAsync(store.DiskId, Blocks * Block, 1);
        var data = new byte[Block];
        for (var block = 0; block < Blocks; block++)
        {
            if (again.Lookup(block * Block, Block).State == OverlayBlockState.Data)
            {
                again.Read(block * Block, data);
                Check(data, written[block] != 0, seed, block);
            }
        }
    }

    /// <summary>Eight threads each write their own eighth of the same blocks, over a parent that is cold.</summary>
    [Fact]
    public async Task Parts_of_a_block_all_arrive()
    {
        using var folder = new TempDirectory();
        await using var directory = new OverlayDirectory(folder.Path);
        await using var store = await directory.OpenAsync(Guid.NewGuid(), Blocks * Block, 1);
        var parent = new PatternParent(Blocks * Block) { IsCold = true };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(part => Task.Run(async () =>
        {
            var data = new byte[Block / 8];
            data.AsSpan().Fill((byte)(part + 1));
            for (var block = 0; block < Blocks; block++)
            {
                await store.WriteAsync((block * Block) + (part * data.Length), data, parent);
            }
        })));
        var content = new byte[Blocks * Block];
        store.Read(0, content);
        for (var at = 0; at < content.Length; at++)
        {
            Assert.Equal((at % Block / (Block / 8)) + 1, content[at]);
        }
    }

    private static async Task WorkAsync(OverlayStore store, long[] written, int seed, int worker)
    {
        var random = new Random((seed * 100) + worker);
        var parent = new PatternParent(Blocks * Block);
        var data = new byte[8 * Block];
        for (var step = 1; step <= 1500; step++)
        {
            var block = random.Next(Blocks - 8);
            var count = random.Next(1, 9);
            var bytes = data.AsMemory(0, count * Block);
            switch (random.Next(12))
            {
                case < 5:
                    MemoryMarshal.Cast<byte, long>(bytes.Span).Fill((worker * 1_000_000L) + step);
                    await store.WriteAsync(block * Block, bytes, parent);
                    written.AsSpan(block, count).Fill(1);
                    break;
                case 5:
                    await store.FlushAsync();
                    break;
                case 6:
                    bytes.Span.Fill(0xEE);
                    await store.HydrateAsync(block * Block, bytes);
                    break;
                default:
                    Read(store, written, seed, block);
                    break;
            }
        }
    }

    private static void Read(OverlayStore store, long[] written, int seed, int block)
    {
        var wasWritten = Volatile.Read(ref written[block]) != HydratedMark;
        if (store.Lookup(block * Block, Block).State == OverlayBlockState.Data)
        {
            var content = new byte[Block];
            store.Read(block * Block, content);
            Check(content, wasWritten, seed, block);
        }
    }

    /// <summary>All words of a block are of one write, and never of hydration once a write was acknowledged.</summary>
    private static void Check(byte[] content, bool wasWritten, int seed, int block)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(content.AsSpan());
        if (words.ContainsAnyExcept(words[0]) || (wasWritten && words[0] == 0xEEEEEEEEEEEEEEEE))
        {
            throw new InvalidDataException($"Block {block} is torn or lost its write (seed {seed}).");
        }
    }
}
