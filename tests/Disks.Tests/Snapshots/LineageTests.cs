namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that a disk reads as fast, and holds the same, however many snapshots and clones lie behind it.
/// </summary>
public sealed class LineageTests
{
    private const int Depth = 100;
    private const int Segments = 4;
    private const int Block = 4096;

    [Fact]
    public async Task A_clone_of_depth_100_reads_each_segment_once_and_right()
    {
        await using var silo = await DiskSilo.StartAsync();
        await using var node = DiskNode.Start(silo);
        var expected = TestContent.Segments(Segments);
        var snapshot = await silo.ImportAsync("origin@1", expected);
        var random = new Random(7);
        for (var depth = 1; depth <= Depth; depth++)
        {
            var disk = $"disk-{depth}";
            await node.CloneAsync(snapshot, disk, HydrationMode.None);
            await using (var guest = await node.AttachAsync(disk))
            {
                var offset = random.Next(expected.Length / Block) * Block;
                random.NextBytes(expected.AsSpan(offset, Block));
                await guest.WriteAsync(offset, expected.AsMemory(offset, Block));
            }

            snapshot = SnapshotId.Parse($"image-{depth}@1");
            await node.UntilAsync(async () => (await silo.Control.SnapshotDiskAsync(disk, snapshot, default)).IsDone);
        }

        await node.CloneAsync(snapshot, "last", HydrationMode.None);
        node.Plane.Leases.Clear();

        (await node.ReadAllAsync("last")).AsSpan().SequenceEqual(expected).Should().BeTrue("it is what was written");
        node.Plane.Leases.Should().HaveCount(Segments, "a read never goes through the ancestors");
        node.Plane.Leases.Should().OnlyContain(lease => lease.Snapshot == snapshot);
    }
}
