namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that a disk may be resized at any moment of its hydration.</summary>
public sealed class ResizeTests
{
    private const int Rounds = 150;
    private const int Block = 4096;

    /// <summary>
    /// A copy that was still under way when the size changed used to leave blocks past the disk's end, and the disk
    /// could not be opened again.
    /// </summary>
    [Fact]
    public async Task A_disk_that_shrinks_while_it_hydrates_can_be_opened_again()
    {
        await using var silo = await DiskSilo.StartAsync();
        await using var node = DiskNode.Start(silo);
        var content = TestContent.Segments(8);
        var snapshot = await silo.ImportAsync("img@1", content);
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"vm-{round}";
            await node.CloneAsync(snapshot, name, HydrationMode.Eager);
            for (var yields = 0; yields < round % 20; yields++)
            {
                await Task.Yield();
            }

            await silo.Control.ResizeDiskAsync(name, 3 * Block, default);
            await silo.Control.ResizeDiskAsync(name, 5 * Block, default);
            await node.RestartAsync();

            var disk = await node.ReadAllAsync(name);
            disk.AsSpan(0, 3 * Block).SequenceEqual(content.AsSpan(0, 3 * Block)).Should().BeTrue();
            disk.AsSpan(3 * Block).ContainsAnyExcept((byte)0).Should().BeFalse("round {0}", round);
            await silo.Control.DeleteDiskAsync(name, default);
        }
    }
}
