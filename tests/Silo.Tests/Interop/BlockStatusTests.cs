using System.Diagnostics;
using System.Text.Json;
using SnapshotGrains.Images;
using SnapshotGrains.Nbd;
using SnapshotGrains.Testing;
using Xunit.Abstractions;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows that what a disk tells of its holes is true, and told at once.</summary>
public sealed class BlockStatusTests(ITestOutputHelper output)
{
    private const int Seed = 21;
    private const int Operations = 5_000;
    private const long Tebibyte = 1L << 40;

    /// <summary>The longest range of one request, a multiple of a block.</summary>
    private const uint MaxRange = uint.MaxValue / DiskModel.BlockBytes * DiskModel.BlockBytes;

    [RequiresToolFact("nbdinfo", "qemu-img")]
    public async Task Nothing_is_said_to_be_zero_that_is_not_and_every_hole_is_told()
    {
        var content = TestImage.Random(64 * TestImage.Segment, Seed);
        await using var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("img@1", content);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);
        var model = new DiskModel((byte[])content.Clone());
        var clients = await silo.ConnectAsync("disk", 2);

        await new DiskExerciser(clients, model, Seed).ChangeAsync(Operations);

        await clients.CloseAsync();
        model.Holes.Should().BeGreaterThan(100, "else there is little to tell");
        Check(model, NbdinfoMap(await Tool.CheckAsync("nbdinfo", "--map", "--json", silo.UnixUri("disk"))));
        Check(model, QemuMap(await Tool.CheckAsync(
            "qemu-img", "map", "-f", "raw", "--output=json", silo.UnixUri("disk"))));
    }

    [RequiresToolFact("nbdinfo")]
    public async Task An_empty_disk_of_a_tebibyte_is_mapped_in_a_moment()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        using (var center = await DirectoryImageCenter.OpenAsync(silo.Center))
        {
            await center.ImportAsync(
                new ImportRequest { Name = "empty", Snap = "1", Reader = new HolesOnly(Tebibyte) }, default);
        }

        await silo.Remote.CloneAsync(SnapshotId.Parse("empty@1"), "thin", HydrationMode.None);
        await silo.Remote.CloneAsync(SnapshotId.Parse("empty@1"), "hydrating");
        await using var thin = await silo.ConnectAsync("thin");
        var first = await MapAsync(thin);
        var again = await MapAsync(thin);
        await using var hydrating = await silo.ConnectAsync("hydrating");
        var during = await MapAsync(hydrating);

        var started = Stopwatch.GetTimestamp();
        var map = NbdinfoMap(await Tool.CheckAsync("nbdinfo", "--map", "--json", silo.UnixUri("thin:ro")));
        output.WriteLine(
            $"1 TiB: {first}, again {again}, while hydration notes the holes {during}; "
            + $"nbdinfo with its start {Stopwatch.GetElapsedTime(started)}");

        map.Should().Equal((0, Tebibyte, true));

        // 50 ms is what it should take, and does on a machine of one's own. This one may be busy with much else.
        first.Should().BeLessThan(TimeSpan.FromSeconds(2));
    }

    private static async Task<TimeSpan> MapAsync(NbdClient client)
    {
        var started = Stopwatch.GetTimestamp();
        for (long offset = 0; offset < Tebibyte;)
        {
            var extents = await client.BlockStatusAsync(offset, (uint)Math.Min(MaxRange, Tebibyte - offset));
            Assert.All(extents, extent => Assert.True(extent.Flags.HasFlag(NbdExtentFlags.Zero), $"{offset}"));
            offset += extents.Sum(extent => extent.Length);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    private static List<(long Offset, long Length, bool IsZero)> NbdinfoMap(string json) =>
    [
        .. JsonDocument.Parse(json).RootElement.EnumerateArray().Select(extent => (
            extent.GetProperty("offset").GetInt64(),
            extent.GetProperty("length").GetInt64(),
            (extent.GetProperty("type").GetInt32() & (int)NbdExtentFlags.Zero) != 0)),
    ];

    private static List<(long Offset, long Length, bool IsZero)> QemuMap(string json) =>
    [
        .. JsonDocument.Parse(json).RootElement.EnumerateArray().Select(extent => (
            extent.GetProperty("start").GetInt64(),
            extent.GetProperty("length").GetInt64(),
            extent.GetProperty("zero").GetBoolean())),
    ];

    private static void Check(DiskModel model, List<(long Offset, long Length, bool IsZero)> map)
    {
        long end = 0;
        foreach (var (offset, length, isZero) in map)
        {
            offset.Should().Be(end, "a map has no gaps");
            end = offset + length;
            if (isZero)
            {
                model.IsZero(offset, length).Should().BeTrue("{0}+{1} is told as zero, seed {2}", offset, length, Seed);
                continue;
            }

            for (var block = offset; block < end; block += DiskModel.BlockBytes)
            {
                model.IsHole(block).Should().BeFalse("{0} was zeroed and is told as data, seed {1}", block, Seed);
            }
        }

        end.Should().Be(model.SizeBytes);
    }
}
