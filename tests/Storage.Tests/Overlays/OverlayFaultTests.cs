using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that rot is found or healed (test catalogue 14) and that want of space and I/O errors harm nothing (25).
/// </summary>
public sealed class OverlayFaultTests
{
    private const int Block = OverlayStore.BlockBytes;
    private const int Blocks = 100;
    private const string Folder = OverlayScript.Folder;
    private static readonly Guid Disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f003");
    private readonly PatternParent _parent = new(Blocks * Block);

    /// <summary>
    /// One bit flipped anywhere in either file: each block then reads right or is refused by its checksum; the map and
    /// the headers are healed from their second copy.
    /// </summary>
    [Fact]
    public async Task No_flipped_bit_yields_a_wrong_byte()
    {
        var random = new Random(14);
        var (refused, healed) = (0, 0L);
        for (var round = 0; round < 1000; round++)
        {
            var machine = await WrittenAsync(round % 2 == 0);
            var path = machine.Names.Single(
                name => name.EndsWith(round % 3 == 0 ? ".data" : ".map", StringComparison.Ordinal));
            var bit = random.NextInt64(machine[path].LengthBytes * 8);
            machine[path].FlipBit(bit);
            await using var directory = new OverlayDirectory(Folder, null, machine);
            var store = await directory.OpenAsync(Disk, Blocks * Block, 2);
            var wrong = CountRefused(store, _parent);
            var isInUse = wrong > 0 || store.Statistics.RepairedPages > 0 || bit / 8 / Block > Blocks / 2;
            isInUse.Should().BeTrue("bit {0} of {1} was flipped in round {2}", bit, path, round);
            refused += wrong;
            healed += store.Statistics.RepairedPages;
            wrong.Should().BeLessThanOrEqualTo(1);
        }

        refused.Should().BeGreaterThan(100);
        healed.Should().BeGreaterThan(600);
    }

    /// <summary>A map that is damaged in both copies, with a commit after it, is refused and not guessed.</summary>
    [Fact]
    public async Task Damage_of_both_copies_is_refused()
    {
        foreach (var page in (int[])[0, 1])
        {
            var machine = await WrittenAsync(isClosed: true);
            var map = machine[machine.Names.Single(name => name.EndsWith(".map", StringComparison.Ordinal))];
            map.FlipBit(((page * 2L * Block) + 100) * 8);
            map.FlipBit(((page * 2L * Block) + Block + 100) * 8);
            var directory = new OverlayDirectory(Folder, null, machine);
            await directory.Invoking(d => d.OpenAsync(Disk, Blocks * Block, 2))
                .Should().ThrowAsync<OverlayCorruptException>();
        }
    }

    /// <summary>A damaged block is healed by writing it anew.</summary>
    [Fact]
    public async Task Writing_a_damaged_block_heals_it()
    {
        var machine = await WrittenAsync(isClosed: true);
        machine[machine.Names.Single(name => name.EndsWith(".data", StringComparison.Ordinal))].FlipBit(Block * 8L);
        await using var store = await new OverlayDirectory(Folder, null, machine).OpenAsync(Disk, Blocks * Block, 2);
        var error = store.Invoking(s => s.Read(0, new byte[Block])).Should().Throw<OverlayCorruptException>().Which;
        (error.DiskId, error.Block, error.Expected == error.Actual).Should().Be((Disk, 0, false));
        await store.WriteAsync(0, new byte[Block], _parent);
        store.Read(0, new byte[Block]);
        store.Statistics.CorruptReads.Should().Be(1);
    }

    /// <summary>
    /// Without space writes are refused and change nothing, reads go on, and space lets it go on too.
    /// </summary>
    [Fact]
    public async Task Want_of_space_changes_nothing()
    {
        var machine = new PowerLossFileSystem { QuotaBytes = 40 * Block };
        var model = new CrashModel(_parent, Blocks * Block);
        await using var store = await new OverlayDirectory(Folder, null, machine).OpenAsync(Disk, Blocks * Block, 1);
        var random = new Random(25);
        var (full, done) = (0, 0);
        for (var step = 0; step < 2000; step++)
        {
            machine.QuotaBytes = step % 400 < 300 ? 40 * Block : 1000 * Block;
            var data = new byte[random.Next(1, 6 * Block)];
            var offset = random.NextInt64((Blocks * Block) - data.Length);
            random.NextBytes(data);
            try
            {
                await store.WriteAsync(offset, data, _parent, isFua: step % 7 == 0);
                model.Write(offset, data);
                done++;
            }
            catch (OverlayFullException e) when (step % 7 != 0)
            {
                e.IsTransient.Should().BeTrue();
                full++;
            }
            catch (OverlayFullException)
            {
                // The write may be done and only its flush refused.
                machine.QuotaBytes = long.MaxValue;
                await store.WriteAsync(offset, data, _parent, isFua: true);
                model.Write(offset, data);
            }

            model.Compare(Contents(store), isAfterCrash: false).Should().BeNull("step {0}", step);
        }

        full.Should().BeGreaterThan(100);
        done.Should().BeGreaterThan(100);
    }

    /// <summary>
    /// An I/O error at any call is typed, loses nothing that was flushed, and ends with opening again.
    /// </summary>
    [Fact]
    public async Task An_error_of_any_call_loses_nothing_flushed()
    {
        for (var at = 1; at < 60; at++)
        {
            var machine = new PowerLossFileSystem { ErrorAt = at };
            var model = new CrashModel(_parent, Blocks * Block);
            var directory = new OverlayDirectory(Folder, null, machine);
            var store = await OpenInTheEndAsync(directory);
            for (var step = 0; step < 20; step++)
            {
                var data = new byte[Block];
                data.AsSpan().Fill((byte)(step + 1));
                model.Write(step % 9 * Block, data);
                try
                {
                    await store.WriteAsync(step % 9 * Block, data, _parent, isFua: true);
                    model.Flushed(step % 9 * Block, Block);
                }
                catch (OverlayException e)
                {
                    e.DiskId.Should().Be(Disk);
                }
            }

            var after = machine.Restart(new Random(at));
            var again = await new OverlayDirectory(Folder, null, after).OpenAsync(Disk, Blocks * Block, 2);
            model.Compare(Contents(again), isAfterCrash: true).Should().BeNull("I/O {0} failed", at);
        }
    }

    private static async Task<OverlayStore> OpenInTheEndAsync(OverlayDirectory directory)
    {
        try
        {
            return await directory.OpenAsync(Disk, Blocks * Block, 1);
        }
        catch (OverlayException e)
        {
            e.DiskId.Should().Be(Disk);
            return await directory.OpenAsync(Disk, Blocks * Block, 1);
        }
    }

    /// <summary>Files with half of the disk's blocks, and a checkpoint and commits behind it in the map.</summary>
    private async Task<PowerLossFileSystem> WrittenAsync(bool isClosed)
    {
        var machine = new PowerLossFileSystem();
        var store = await new OverlayDirectory(Folder, null, machine).OpenAsync(Disk, Blocks * Block, 1);
        for (var block = 0; block < Blocks / 2; block++)
        {
            var data = new byte[Block];
            data.AsSpan().Fill((byte)(block + 1));
            await store.WriteAsync(block * Block, data, _parent, isFua: block % 10 == 9);
        }

        if (isClosed)
        {
            await store.DisposeAsync();
        }

        return machine.Restart(new Random(1));
    }

    private static int CountRefused(OverlayStore store, PatternParent parent)
    {
        var refused = 0;
        var data = new byte[Block];
        for (var block = 0; block < Blocks / 2; block++)
        {
            try
            {
                store.Lookup(block * Block, Block).State.Should().Be(OverlayBlockState.Data);
                store.Read(block * Block, data);
                data.AsSpan().ContainsAnyExcept((byte)(block + 1)).Should().BeFalse();
            }
            catch (OverlayCorruptException e) when (e.Block == block)
            {
                refused++;
            }
        }

        return refused;
    }

    private byte[] Contents(OverlayStore store)
    {
        var disk = new byte[store.SizeBytes];
        for (long at = 0; at < disk.Length;)
        {
            var extent = store.Lookup(at, disk.Length - at);
            var piece = disk.AsSpan((int)at, (int)extent.LengthBytes);
            if (extent.State == OverlayBlockState.Parent)
            {
                _parent.Fill(at, piece);
            }
            else
            {
                store.Read(at, piece);
            }

            at += extent.LengthBytes;
        }

        return disk;
    }
}
