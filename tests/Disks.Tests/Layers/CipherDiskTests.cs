using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that writes to an encrypted disk do not lose each other's bytes, and that it fails closed.</summary>
public sealed class CipherDiskTests
{
    private static readonly LayerFormat Plain = new(64 << 10, 64 << 10, 1, IsEncrypted: true);
    private static readonly byte[] Ones = Bytes(1, 512);
    private static readonly byte[] Twos = Bytes(2, 512);

    /// <summary>
    /// Two attachments write two parts of one sector at once: both are there with one gate, and one is lost without.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Partial_writes_to_a_sector_keep_each_others_bytes(bool isOneGate)
    {
        await using var stack = SlowStack();
        var other = stack.Open(stack.Store, isOneGate ? stack.Gate : new SectorGate());
        var writes = Task.WhenAll(
            stack.Disk.WriteAsync(0, Ones).AsTask(), other.WriteAsync(512, Twos).AsTask());
        while (stack.Store.CompleteOne("lease"))
        {
        }

        await stack.Store.DriveAsync(writes);
        var both = await ReadAsync(stack, 0, 1024);
        both.SequenceEqual((byte[])[.. Ones, .. Twos]).Should().Be(isOneGate);
    }

    /// <summary>What writes, zeroes or trims a whole sector waits for one that changes a part of it.</summary>
    [Fact]
    public async Task Whole_sectors_wait_for_a_partial_write()
    {
        Func<VirtualDisk, ValueTask>[] acts =
        [
            disk => disk.WriteAsync(4096, Bytes(3, 12288)),
            disk => disk.WriteZeroesAsync(4096, 12288),
            disk => disk.TrimAsync(4096, 12288),
        ];
        for (var i = 0; i < acts.Length; i++)
        {
            await using var stack = SlowStack();
            var part = stack.Disk.WriteAsync(8192 + 512, Ones).AsTask();
            var whole = acts[i](stack.Disk).AsTask();
            stack.Store.Waiting.Should().Equal("lease 8192+4096");
            await stack.Store.DriveAsync(Task.WhenAll(part, whole));
            stack.Store.Log[..2].Should().Equal("lease 8192+4096", "write 8192+4096");
            (await ReadAsync(stack, 4096, 12288)).Should().OnlyContain(b => b == (i == 0 ? 3 : 0));
        }
    }

    /// <summary>A partial write waits for those of whole sectors, which run together.</summary>
    [Fact]
    public async Task A_partial_write_waits_for_whole_sectors()
    {
        await using var stack = SlowStack();
        var first = stack.Disk.WriteAsync(0, Bytes(3, 8192)).AsTask();
        var second = stack.Disk.WriteAsync(4096, Bytes(4, 8192)).AsTask();
        var part = stack.Disk.WriteAsync(4096, Ones).AsTask();
        var elsewhere = stack.Disk.WriteAsync(12288, Ones).AsTask();
        stack.Store.Waiting.Should().Equal("write 0+8192", "write 4096+8192", "lease 12288+4096");
        await stack.Store.DriveAsync(Task.WhenAll(first, second, part, elsewhere));
        (await ReadAsync(stack, 4096, 512)).Should().Equal(Ones);
        (await ReadAsync(stack, 12288, 512)).Should().Equal(Ones);
    }

    /// <summary>
    /// Who gives up waiting has written nothing, and holds up nobody; who gives up reading lets the next one in.
    /// </summary>
    [Fact]
    public async Task Who_gives_up_holds_up_nobody()
    {
        await using var stack = SlowStack();
        using var cancel = new CancellationTokenSource();
        using var cancelFirst = new CancellationTokenSource();
        var first = stack.Disk.WriteAsync(0, Ones, cancellationToken: cancelFirst.Token).AsTask();
        var second = stack.Disk.WriteAsync(3000, Bytes(9, 8000), cancellationToken: cancel.Token).AsTask();
        var third = stack.Disk.WriteAsync(512, Twos).AsTask();
        stack.Store.Waiting.Should().Equal("lease 0+4096");
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
        await cancelFirst.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        await stack.Store.DriveAsync(third);
        (await ReadAsync(stack, 0, 12288)).Should().Equal(
            (byte[])[.. new byte[512], .. Twos, .. new byte[12288 - 1024]]);
    }

    /// <summary>A partial write that has begun to write goes through: later writers rely on it.</summary>
    [Fact]
    public async Task A_partial_write_is_not_given_up_halfway()
    {
        await using var stack = SlowStack();
        using var cancel = new CancellationTokenSource();
        var write = stack.Disk.WriteAsync(0, Ones, cancellationToken: cancel.Token).AsTask();
        stack.Store.CompleteOne("lease").Should().BeTrue();
        await stack.Store.UntilWaitingAsync(1);
        await cancel.CancelAsync();
        var next = stack.Disk.WriteAsync(512, Twos).AsTask();
        stack.Store.Waiting.Should().Equal("write 0+4096");
        await stack.Store.DriveAsync(Task.WhenAll(write, next));
        (await ReadAsync(stack, 0, 1024)).Should().Equal((byte[])[.. Ones, .. Twos]);
    }

    /// <summary>A failed request leaves the gate open and gives back what it was lent.</summary>
    [Fact]
    public async Task A_failure_holds_up_nobody()
    {
        await using var stack = SlowStack();
        foreach (var kind in (string[])["lease", "write"])
        {
            stack.Store.Fault = what => what.StartsWith(kind, StringComparison.Ordinal) ? new IOException(what) : null;
            var failed = async () => await stack.Store.DriveAsync(stack.Disk.WriteAsync(100, Ones).AsTask());
            await failed.Should().ThrowAsync<IOException>();
        }

        stack.Store.Fault = null;
        await stack.Store.DriveAsync(stack.Disk.WriteAsync(0, Bytes(5, 4096)).AsTask());
        await stack.Store.DriveAsync(stack.Disk.WriteAsync(100, Ones).AsTask());
        stack.Store.Lent.Should().Be(0);
    }

    /// <summary>Without the key nothing is read, written or mapped, holes included; what was written is kept.</summary>
    [Fact]
    public async Task Without_its_key_every_request_fails()
    {
        await using var stack = new LayerStack(Plain, 1 << 20);
        await stack.Disk.WriteAsync(0, Bytes(7, 8192));
        stack.Key.Dispose();
        var disk = stack.Disk;
        Func<Task>[] acts =
        [
            async () => await disk.ReadAsync(0, new byte[512]),
            async () => await disk.ReadAsync(1 << 19, new byte[512]),
            async () => await disk.ReadManyAsync(0, new byte[512]),
            async () => await disk.LeaseAsync(0, 512),
            async () => await disk.LeaseAsync(1 << 19, 512),
            () => Task.FromResult(disk.TryLease(0, 1, out _)),
            async () => await disk.WriteAsync(0, new byte[4096]),
            async () => await disk.WriteAsync(1, new byte[1]),
            async () => await disk.WriteAsync(1, ReadOnlyMemory<byte>.Empty),
            async () => await disk.WriteZeroesAsync(0, 4096),
            async () => await disk.TrimAsync(0, 4096),
            async () => await disk.GetExtentsAsync(0, 4096),
        ];
        foreach (var act in acts)
        {
            (await act.Should().ThrowAsync<SnapshotGrainsException>())
                .Which.Code.Should().Be(ErrorCode.KeyUnavailable);
        }

        await disk.FlushAsync();
        stack.Store.Lent.Should().Be(0);
        stack.Store.DataBlocks.Should().Be(2);
    }

    /// <summary>Stored bytes that come in parts of a sector are refused, not decrypted to rubbish.</summary>
    [Fact]
    public async Task Parts_of_a_stored_sector_are_refused()
    {
        await using var stack = new LayerStack(Plain, 1 << 20);
        await stack.Disk.WriteAsync(0, Bytes(7, 8192));
        stack.Store.MaxRunBytes = 4096 + 512;
        foreach (var offset in (long[])[0, 1 << 19])
        {
            var read = async () => await stack.Disk.ReadAsync(offset, new byte[8192]);
            (await read.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.Internal);
        }

        stack.Store.Lent.Should().Be(0);
    }

    /// <summary>Slices are of a size that a processor's cache holds, and small runs are lent as one.</summary>
    [Fact]
    public async Task Slices_are_neither_huge_nor_tiny()
    {
        await using var stack = new LayerStack(new LayerFormat(64 << 10, 4 << 10, 3, true), 8 << 20);
        await stack.Disk.WriteAsync(0, Bytes(7, 4 << 20));
        stack.Disk.TryLease(100, 4 << 20, out var slice).Should().BeTrue();
        slice.Length.Should().Be((256 << 10) - 100);
        slice.Release();
        stack.Disk.TryLease((4 << 20) + 100, 1 << 20, out slice).Should().BeTrue();
        slice.IsZero.Should().BeTrue();
    }

    /// <summary>Many writers of odd pieces of a few sectors, on all threads at once, all find their bytes.</summary>
    [Fact]
    public async Task Writers_on_many_threads_lose_nothing()
    {
        const int piece = 300;
        await using var stack = new LayerStack(Plain, 64 << 10);
        var pieces = (64 << 10) / piece;
        for (var round = 1; round <= 8; round++)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, pieces), async (n, token) =>
            {
                await Task.Yield();
                await stack.Disk.WriteAsync(n * piece, Bytes((byte)(n + round), piece), false, token);
            });
            var content = await ReadAsync(stack, 0, pieces * piece);
            content.Where((b, i) => b != (byte)((i / piece) + round)).Should().BeEmpty("round {0} wrote all", round);
        }
    }

    private static LayerStack SlowStack() => new(Plain, 1 << 20) { Store = { IsSlow = true, IsCold = true } };

    private static byte[] Bytes(byte value, int length) => [.. Enumerable.Repeat(value, length)];

    private static async Task<byte[]> ReadAsync(LayerStack stack, long offset, int length)
    {
        stack.Store.IsSlow = false;
        var bytes = new byte[length];
        (await stack.Disk.ReadAsync(offset, bytes)).Should().Be(length);
        return bytes;
    }
}
