using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Crash;

/// <summary>
/// Shows what a guest sees when its disk's files can grow no more, by a limit that the system sets to the silo: ENOSPC
/// for writes, and nothing else.
/// </summary>
public sealed class OutOfSpaceTests
{
    private const int Piece = 256 << 10;
    private const int Seed = 25;

    [RequiresToolFact("prlimit")]
    public async Task Writes_fail_while_reads_go_on_and_recover_by_themselves()
    {
        var content = TestImage.Random(32 * TestImage.Segment, Seed);
        await using var silo = await SiloChild.StartNewAsync();
        await CloneAsync(silo, content);
        var client = await silo.ConnectAsync("disk");
        var model = new DiskModel((byte[])content.Clone());
        var random = new Random(Seed);

        await LimitFilesAsync(silo, "8388608");
        var full = await FillAsync(client, model, random);

        full.Should().BeInRange(4 * TestImage.Segment, 8 * TestImage.Segment, "8 MiB is the limit");
        (await client.WriteAsync(full, Bytes(random)).ErrorOfAsync()).Should().Be(NbdError.NoSpace);
        await client.FlushAsync();
        await CheckAsync(client, model, full);

        await LimitFilesAsync(silo, "unlimited");
        await WriteAsync(client, model, full, random);
        await client.FlushAsync();
        await CheckAsync(client, model, -1);
        await client.DisposeAsync();

        await silo.KillAsync();
        await silo.StartAsync();
        await using var again = await silo.ConnectAsync("disk");
        await CheckAsync(again, model, -1);
    }

    [RequiresToolFact("prlimit")]
    public async Task Trimmed_blocks_make_room_for_others()
    {
        await using var silo = await SiloChild.StartNewAsync();
        await CloneAsync(silo, TestImage.Random(32 * TestImage.Segment, Seed));
        await using var client = await silo.ConnectAsync("disk");
        var model = new DiskModel(TestImage.Random(32 * TestImage.Segment, Seed));
        var random = new Random(Seed);
        await LimitFilesAsync(silo, "8388608");
        var full = await FillAsync(client, model, random);

        await client.TrimAsync(0, 2 << 20);
        model.Trim(0, 2 << 20);
        await client.FlushAsync();

        await WriteAsync(client, model, full + Piece, random);
        await WriteAsync(client, model, full + (2 * Piece), random);
        await client.FlushAsync();
        await CheckAsync(client, model, full);
    }

    /// <summary>Needs root: the disks are on a file system of 24 MiB, which another file fills and leaves.</summary>
    [LongFact("mount", "umount")]
    public async Task A_full_file_system_costs_only_the_writes_that_have_no_room()
    {
        var content = TestImage.Random(32 * TestImage.Segment, Seed);
        await using var silo = await SiloChild.StartNewAsync();
        await CloneAsync(silo, content);
        var disks = Directory.CreateDirectory(Path.Combine(silo.Data, "disks")).FullName;
        await Tool.CheckAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disks);
        try
        {
            var ballast = Path.Combine(disks, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[12 << 20]);
            var client = await silo.ConnectAsync("disk");
            var model = new DiskModel((byte[])content.Clone());
            var random = new Random(Seed);
            var full = await FillAsync(client, model, random);
            full.Should().BeInRange(8 * TestImage.Segment, 12 * TestImage.Segment);
            await CheckAsync(client, model, full);

            // The map needs room as well. Where it has none the guest is told, and what it wrote waits in memory.
            (await client.FlushAsync().ErrorOfAsync()).Should().BeOneOf(NbdError.None, NbdError.NoSpace);
            await CheckAsync(client, model, full);

            File.Delete(ballast);
            await WriteAsync(client, model, full, random);
            await client.FlushAsync();
            await CheckAsync(client, model, -1);
            await client.DisposeAsync();
            await silo.KillAsync();
            await silo.StartAsync();
            await using var again = await silo.ConnectAsync("disk");
            await CheckAsync(again, model, -1);
        }
        finally
        {
            await silo.KillAsync();
            await Tool.CheckAsync("umount", disks);
        }
    }

    private static async Task CloneAsync(SiloChild silo, byte[] content)
    {
        await silo.ImportAsync("img@1", content);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);
    }

    private static Task LimitFilesAsync(SiloChild silo, string bytes) =>
        Tool.CheckAsync("prlimit", $"--pid={silo.ProcessId}", $"--fsize={bytes}:unlimited");

    /// <summary>Writes from the front until there is no room; returns where that was.</summary>
    private static async Task<int> FillAsync(NbdClient client, DiskModel model, Random random)
    {
        for (var offset = 0; ; offset += Piece)
        {
            var bytes = Bytes(random);
            var error = await client.WriteAsync(offset, bytes).ErrorOfAsync();
            if (error != NbdError.None)
            {
                error.Should().Be(NbdError.NoSpace);
                return offset;
            }

            model.Write(offset, bytes);
        }
    }

    private static async Task WriteAsync(NbdClient client, DiskModel model, int offset, Random random)
    {
        var bytes = Bytes(random);
        await client.WriteAsync(offset, bytes);
        model.Write(offset, bytes);
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[Piece];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Of a write that failed a part may have been made; that range is left out.</summary>
    private static async Task CheckAsync(NbdClient client, DiskModel model, int failedAt)
    {
        for (var offset = 0; offset < model.SizeBytes; offset += Piece)
        {
            var bytes = await client.ReadAsync(offset, Piece);
            if (offset != failedAt)
            {
                bytes.AsSpan().SequenceEqual(model.Bytes.Slice(offset, Piece)).Should().BeTrue("at {0}", offset);
            }
        }
    }
}
