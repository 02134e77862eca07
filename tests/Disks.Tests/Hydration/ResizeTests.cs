using SnapshotGrains.Testing;

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

    /// <summary>
    /// A crash between the overlay's resize and its record leaves two sizes, and where bytes lie follows from one.
    /// </summary>
    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task A_resize_that_was_not_recorded_is_undone_with_the_next_start(string? key)
    {
        await using var silo = await DiskSilo.StartAsync();
        await using var node = DiskNode.Start(silo);
        await silo.AddKeyAsync("a", new ScrambleCipher(5));
        var content = TestContent.Segments(8);
        var snapshot = await silo.ImportAsync("img@1", content);
        var layout = new DiskLayout(DiskSilo.SegmentSize, Block, 3, key);
        await node.CloneAsync(snapshot, "vm", new CloneOptions(HydrationMode.None, layout));
        (await node.ReadAllAsync("vm")).Should().Equal(content);

        const int Cut = (5 * DiskSilo.SegmentSize) + (2 * Block);
        var lease = await silo.Grains.GetGrain<IDiskGrain>("vm").LeaseAsync(
            DiskIntent.Read, fenceEpoch: 0, silo.Home.Process, default);
        await node.Home.ResizeAsync(lease, Cut, default);
        (await node.ReadAllAsync("vm")).Should().Equal(content[..Cut], "the home knows its own size");
        await node.RestartAsync();

        var disk = await node.ReadAllAsync("vm");
        disk.Length.Should().Be(content.Length, "that is what is recorded");
        disk[..Cut].Should().Equal(content[..Cut]);
        disk[Cut..].Should().OnlyContain(octet => octet == 0, "what was cut off is gone");
    }
}
