using System.Buffers.Binary;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that a snapshot of a disk in use is the disk at one moment, and misses nothing that was flushed.
/// </summary>
public sealed class SnapshotWhileWritingTests
{
    private const int Rounds = 12;
    private const long Far = DiskSilo.SegmentSize + 4096;

    private long _flushed;

    [Theory]
    [InlineData(HydrationMode.None)]
    [InlineData(HydrationMode.Background)]
    public async Task A_snapshot_is_of_one_moment(HydrationMode mode)
    {
        await using var silo = await DiskSilo.StartAsync();
        await using var node = DiskNode.Start(silo);
        var snapshot = await silo.ImportAsync("img@1", TestContent.Segments(3));
        await node.CloneAsync(snapshot, "vm", mode);
        using var stop = new CancellationTokenSource();
        await using var guest = await node.AttachAsync("vm");
        await CountAsync(guest, 0);
        var writing = Task.Run(() => WriteAsync(guest, stop.Token));
        var seen = new List<long>();

        for (var round = 0; round < Rounds; round++)
        {
            var flushed = Volatile.Read(ref _flushed);
            var id = SnapshotId.Parse($"s-{round}@1");
            await node.UntilAsync(async () => (await silo.Control.SnapshotDiskAsync("vm", id, default)).IsDone);
            await node.CloneAsync(id, $"copy-{round}", HydrationMode.None);
            var copy = await node.ReadAllAsync($"copy-{round}");
            var first = BinaryPrimitives.ReadInt64LittleEndian(copy);
            var second = BinaryPrimitives.ReadInt64LittleEndian(copy.AsSpan((int)Far));

            first.Should().BeInRange(second, second + 1, "the first is written before the second");
            second.Should().BeGreaterThanOrEqualTo(flushed, "that was flushed before");
            seen.Add(second);
        }

        await stop.CancelAsync();
        await writing;
        seen.Should().BeInAscendingOrder();
        seen[^1].Should().BeGreaterThan(seen[0], "the guest went on writing");
    }

    private async Task WriteAsync(VirtualDisk guest, CancellationToken stop)
    {
        for (long n = 1; !stop.IsCancellationRequested; n++)
        {
            await CountAsync(guest, n);
            if (n % 5 == 0)
            {
                await guest.FlushAsync(CancellationToken.None);
                Volatile.Write(ref _flushed, n);
            }

            await Task.Yield();
        }
    }

    private static async Task CountAsync(VirtualDisk guest, long n)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, n);
        await guest.WriteAsync(0, bytes);
        await guest.WriteAsync(Far, bytes);
    }
}
