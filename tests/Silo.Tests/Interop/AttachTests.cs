using SnapshotGrains.Nbd;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows who may write to a disk, and how one who may no more is told.</summary>
public sealed class AttachTests
{
    private static readonly byte[] Block = [.. Enumerable.Repeat((byte)0x5A, DiskModel.BlockBytes)];

    [Fact]
    public async Task A_disk_attached_for_reading_refuses_writes_and_sees_those_of_others()
    {
        await using var silo = await StartAsync();
        await using var reader = await silo.ConnectAsync("vm1:ro");
        await using var writer = await silo.ConnectAsync("vm1");

        reader.Info.IsReadOnly.Should().BeTrue();
        (await reader.WriteAsync(0, Block).ErrorOfAsync()).Should().Be(NbdError.NotPermitted);
        (await reader.TrimAsync(0, 4096).ErrorOfAsync()).Should().Be(NbdError.NotPermitted);
        (await reader.WriteZeroesAsync(0, 4096).ErrorOfAsync()).Should().Be(NbdError.NotPermitted);

        await writer.WriteAsync(0, Block);
        (await reader.ReadAsync(0, Block.Length)).Should().Equal(Block);
    }

    [RequiresToolFact("qemu-io")]
    public async Task Qemu_finds_a_disk_attached_for_reading_read_only()
    {
        await using var silo = await StartAsync();

        var write = await Tool.RunAsync("qemu-io", "-f", "raw", "-c", "write 0 4k", silo.UnixUri("vm1:ro"));
        var read = await Tool.RunAsync("qemu-io", "-r", "-f", "raw", "-c", "read 0 4k", silo.UnixUri("vm1:ro"));

        write.ExitCode.Should().NotBe(0, write.Output);
        read.ExitCode.Should().Be(0, read.Output);
    }

    [Fact]
    public async Task A_second_writer_is_refused_until_the_first_has_left()
    {
        await using var silo = await StartAsync();
        var first = await silo.ConnectAsync("vm1:as=a");
        await using (await silo.ConnectAsync("vm1:as=a"))
        {
            (await silo.ConnectAsync("vm1:as=b").ErrorOfAsync()).Should().NotBe(NbdError.None);
            (await silo.ConnectAsync("vm1").ErrorOfAsync()).Should().NotBe(NbdError.None);
        }

        await first.WriteAsync(0, Block);
        await first.DisposeAsync();

        // The silo hears of a farewell a moment later than the client.
        var second = silo.ConnectAsync("vm1:as=b");
        await Eventually.IsTrueAsync(
            async () =>
            {
                second = second.IsFaulted ? silo.ConnectAsync("vm1:as=b") : second;
                return await second.ErrorOfAsync() == NbdError.None;
            },
            "b could attach");
        await using var client = await second;
        (await client.ReadAsync(0, Block.Length)).Should().Equal(Block);
    }

    [Fact]
    public async Task Who_takes_over_fences_the_first_writer_for_good()
    {
        await using var silo = await StartAsync();
        await using var first = await silo.ConnectAsync("vm1:as=a");
        await first.WriteAsync(0, Block);
        var writing = Task.Run(() => WriteUntilRefusedAsync(first));

        await using var second = await silo.ConnectAsync("vm1:takeover:as=b");
        var taken = await second.ReadAsync(0, (int)second.Info.SizeBytes);

        (await writing).Should().Be(NbdError.Shutdown);
        (await first.WriteAsync(0, new byte[4096]).ErrorOfAsync()).Should().Be(NbdError.Shutdown);
        (await first.TrimAsync(0, 4096).ErrorOfAsync()).Should().Be(NbdError.Shutdown);
        (await first.FlushAsync().ErrorOfAsync()).Should().Be(NbdError.Shutdown);
        (await second.ReadAsync(0, (int)second.Info.SizeBytes)).AsSpan().SequenceEqual(taken)
            .Should().BeTrue("nothing of the first writer's arrives after the take-over");
        taken.AsSpan(0, Block.Length).SequenceEqual(Block).Should().BeTrue("what it had written before is kept");

        await second.WriteAsync(8192, Block, fua: true);
        (await second.ReadAsync(8192, Block.Length)).Should().Equal(Block);
    }

    private static async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("img@1", TestImage.Random(4 * TestImage.Segment));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "vm1", HydrationMode.None);
        return silo;
    }

    /// <summary>Keeps the disk busy behind its first block; returns what it is refused with.</summary>
    private static async Task<NbdError> WriteUntilRefusedAsync(NbdClient client)
    {
        for (var i = 0; ; i++)
        {
            var bytes = new byte[4096];
            bytes.AsSpan().Fill((byte)i);
            var offset = 16384 + (i % 512 * 4096);
            var error = await client.WriteAsync(offset, bytes).ErrorOfAsync();
            if (error != NbdError.None)
            {
                return error;
            }
        }
    }
}
