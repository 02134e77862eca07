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
    /// Where the record fails, nobody may be let in before the size is the recorded one again: what he wrote might be
    /// cut off.
    /// </summary>
    [Theory]
    [InlineData(null, 5, true)]
    [InlineData("a", 5, true)]
    [InlineData(null, 5, false)]
    [InlineData("a", 5, false)]
    [InlineData(null, 20, true)]
    [InlineData("a", 20, true)]
    [InlineData(null, 20, false)]
    [InlineData("a", 20, false)]
    [InlineData("plain", 5, true)]
    [InlineData("plain", 5, false)]
    [InlineData("plain", 20, true)]
    [InlineData("plain", 20, false)]
    public async Task A_resize_that_was_not_recorded_is_undone(string? key, int segments, bool isCrash)
    {
        await using var silo = await DiskSilo.StartAsync();
        await using var node = DiskNode.Start(silo);
        await silo.AddKeyAsync("a", new ScrambleCipher(5));
        var content = TestContent.Segments(8);
        var snapshot = await silo.ImportAsync("img@1", content);
        var layout = key == "plain" ? null : new DiskLayout(DiskSilo.SegmentSize, Block, 3, key);
        await node.CloneAsync(snapshot, "vm", new CloneOptions(HydrationMode.None, layout));
        (await node.ReadAllAsync("vm")).Should().Equal(content);

        var size = (segments * DiskSilo.SegmentSize) + (2 * Block);
        var lease = await silo.Grains.GetGrain<IDiskGrain>("vm").LeaseAsync(
            DiskIntent.Read, fenceEpoch: 0, silo.Home.Process, default);
        var resize = await node.Home.ResizeAsync(lease, size, default);
        var reading = isCrash ? null : node.ReadAllAsync("vm");
        await Task.Delay(TimeSpan.FromMilliseconds(50));
        (reading?.IsCompleted).Should().NotBe(true, "nobody is let in");
        await (isCrash ? node.RestartAsync() : resize.DisposeAsync().AsTask());

        var disk = await (reading ?? node.ReadAllAsync("vm"));
        disk.Length.Should().Be(content.Length, "that is what is recorded");
        var left = Math.Min(size, content.Length);
        disk[..left].Should().Equal(content[..left]);
        disk.AsSpan(left).ContainsAnyExcept((byte)0).Should().BeFalse("what was cut off is gone");
    }

    /// <summary>Where the record does not say all, it is an old one: nothing is cut off by what it says.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task An_old_record_cuts_nothing_off(string? key)
    {
        await using var silo = await DiskSilo.StartAsync();
        await using var node = DiskNode.Start(silo);
        await silo.AddKeyAsync("a", new ScrambleCipher(5));
        var snapshot = await silo.ImportAsync("img@1", TestContent.Segments(8));
        var layout = new DiskLayout(DiskSilo.SegmentSize, Block, 3, key);
        await node.CloneAsync(snapshot, "vm", new CloneOptions(HydrationMode.None, layout));
        var grain = silo.Grains.GetGrain<IDiskGrain>("vm");
        var old = await grain.LeaseAsync(DiskIntent.Write, fenceEpoch: 0, silo.Home.Process, default);
        var last = (20 * DiskSilo.SegmentSize) - Block;
        await silo.Control.ResizeDiskAsync("vm", last + Block, default);
        await using (var attached = await node.AttachAsync("vm"))
        {
            await attached.WriteAsync(last, Enumerable.Repeat((byte)7, Block).ToArray());
        }

        await node.RestartAsync();
        await FluentActions.Awaiting(() => node.Home.GetProgressAsync(old with { Epoch = old.Epoch + 5 }, default))
            .Should().ThrowAsync<SnapshotGrainsException>().Where(error => error.IsTransient);
        await node.RestartAsync();

        (await node.ReadAllAsync("vm"))[last..].Should().OnlyContain(octet => octet == 7);

        // Where the old record is all that there is, the disk gets its size back by being given it.
        var shorter = old with { Epoch = old.Epoch + 10 };
        await node.RestartAsync();
        await FluentActions.Awaiting(() => node.Home.ResizeAsync(shorter, (8 * DiskSilo.SegmentSize) + Block, default))
            .Should().ThrowAsync<SnapshotGrainsException>();
        await using (var resize = await node.Home.ResizeAsync(shorter, last + Block, default))
        {
            resize.Keep();
        }
    }
}
