using System.Text.Json;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows that other people's tools read our exports and see exactly the image.</summary>
public sealed class NbdToolTests
{
    [RequiresToolTheory("qemu-img")]
    [InlineData(32 * TestImage.Segment)]
    [InlineData(32 * TestImage.Segment + 512)]
    [InlineData(3 * 512)]
    public async Task Qemu_img_finds_disk_and_image_identical(int size)
    {
        await using var silo = await TestSilo.StartAsync();
        var file = await silo.ImportFileAsync("img@1", TestImage.Random(size, seed: size));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);

        foreach (var uri in new[] { silo.TcpUri("disk"), silo.UnixUri("disk"), silo.UnixUri("img@1") })
        {
            (await Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", file, uri))
                .Should().Contain("identical");
        }
    }

    [RequiresToolFact("qemu-img", "nbdinfo")]
    public async Task An_all_zero_image_is_one_hole_and_fetches_nothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var file = await silo.ImportFileAsync("zero@1", new byte[64 * TestImage.Segment]);
        await silo.Remote.CloneAsync(SnapshotId.Parse("zero@1"), "disk", HydrationMode.None);

        (await Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", file, silo.UnixUri("disk")))
            .Should().Contain("identical");
        var map = JsonDocument.Parse(await Tool.CheckAsync("nbdinfo", "--map", "--json", silo.UnixUri("disk")));
        map.RootElement.EnumerateArray().Should().ContainSingle()
            .Which.GetProperty("description").GetString().Should().Be("hole,zero");
        (await silo.Api.GetStatusAsync(CancellationToken.None)).Reads.OriginBytesFetched.Should().Be(0);
    }

    [RequiresToolFact("nbdinfo")]
    public async Task Nbdinfo_lists_disks_and_snapshots_and_maps_zero_segments_as_holes()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.ImportAsync("img@1", TestImage.Random(6 * TestImage.Segment));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);

        var list = JsonDocument.Parse(await Tool.CheckAsync("nbdinfo", "--list", "--json", silo.UnixUri("")));
        list.RootElement.GetProperty("exports").EnumerateArray()
            .Select(export => export.GetProperty("export-name").GetString()).Should().Equal("disk", "img@1");

        var map = JsonDocument.Parse(await Tool.CheckAsync("nbdinfo", "--map", "--json", silo.UnixUri("disk")));
        map.RootElement.EnumerateArray().Select(extent => (
                extent.GetProperty("offset").GetInt64() / TestImage.Segment,
                extent.GetProperty("length").GetInt64() / TestImage.Segment,
                extent.GetProperty("type").GetInt32()))
            .Should().Equal((0, 1, 3), (1, 2, 0), (3, 1, 3), (4, 2, 0));
    }

    [RequiresToolFact("nbdcopy")]
    public async Task Eight_cold_copies_at_once_fetch_each_segment_once()
    {
        await using var silo = await TestSilo.StartAsync();
        var content = TestImage.Random(48 * TestImage.Segment);
        var id = (await silo.ImportAsync("img@1", content)).Id;
        var names = Enumerable.Range(0, 8).Select(i => $"vm-{i}").ToArray();
        await silo.Api.CloneAsync(id, names, HydrationMode.Background, CancellationToken.None);

        await Task.WhenAll(names.Select(name => Tool.CheckAsync(
            "nbdcopy", "--connections=4", silo.UnixUri(name), Path.Combine(silo.Directory, $"{name}.raw"))));

        foreach (var name in names)
        {
            var copy = await File.ReadAllBytesAsync(Path.Combine(silo.Directory, $"{name}.raw"));
            copy.AsSpan().SequenceEqual(content).Should().BeTrue("{0} must be the image", name);
        }

        var nodes = (await silo.Api.GetStatusAsync(CancellationToken.None)).Nodes;
        nodes.Sum(node => node.Origin.SegmentsFetched).Should().Be(TestImage.DataSegments(content));
        nodes.Sum(node => node.Origin.SegmentsRefetched).Should().Be(0);
    }

    [RequiresToolFact("nbdcopy")]
    public async Task A_copy_through_caches_of_a_tenth_of_the_image_is_right()
    {
        await using var silo = await TestSilo.StartAsync(cacheBytes: "3M");
        var content = TestImage.Random(96 * TestImage.Segment);
        await silo.Remote.CloneAsync((await silo.ImportAsync("img@1", content)).Id, "disk", HydrationMode.None);
        var copy = Path.Combine(silo.Directory, "copy.raw");

        await Tool.CheckAsync("nbdcopy", "--connections=4", silo.UnixUri("disk"), copy);

        (await File.ReadAllBytesAsync(copy)).AsSpan().SequenceEqual(content).Should().BeTrue();
        var nodes = (await silo.Api.GetStatusAsync(CancellationToken.None)).Nodes;
        nodes.Should().AllSatisfy(node =>
        {
            node.Cache.Evictions.Should().BePositive();
            node.Cache.UsedBytes.Should().BeLessThanOrEqualTo(node.Cache.BudgetBytes);
        });
    }

    [RequiresToolFact("qemu-io")]
    public async Task A_request_larger_than_the_cache_is_served()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1, cacheBytes: "4M");
        await silo.ImportAsync("img@1", TestImage.Random(32 * TestImage.Segment));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);

        var (exitCode, output) = await Tool.RunAsync(
            "qemu-io", "-r", "-f", "raw", "-c", "read 0 32M", silo.UnixUri("disk"));

        exitCode.Should().Be(0, output);
    }

    [RequiresToolFact("qemu-io")]
    public async Task A_flipped_bit_fails_its_segment_only_until_it_is_repaired()
    {
        await using var silo = await TestSilo.StartAsync(readTimeout: "5");
        await silo.ImportAsync("img@1", TestImage.Random(6 * TestImage.Segment));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);
        var pack = Directory.EnumerateFiles(silo.Center, "*.pack", SearchOption.AllDirectories).Single();

        // Segments 1 and 2 are the first two with data; the flip is in the second.
        FlipBit(pack, TestImage.Segment + 12345);
        (await ReadAsync(silo, 2)).Output.Should().Contain("read failed: Input/output error");
        (await ReadAsync(silo, 1)).ExitCode.Should().Be(0);
        (await silo.Api.GetStatusAsync(CancellationToken.None)).Nodes
            .Sum(node => node.Origin.DigestMismatches).Should().BePositive();

        FlipBit(pack, TestImage.Segment + 12345);
        (await ReadAsync(silo, 2)).ExitCode.Should().Be(0);
    }

    [RequiresToolFact("fio")]
    public async Task A_silo_killed_under_fio_costs_no_error()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.ImportAsync("img@1", TestImage.Random(64 * TestImage.Segment));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);

        var load = Tool.CheckAsync(
            "fio", "--name=read", "--ioengine=nbd", $"--uri={silo.UnixUri("disk")}", "--rw=randread", "--bs=16k",
            "--iodepth=16", "--time_based", "--runtime=3", "--output-format=json");
        while ((await silo.Api.GetStatusAsync(CancellationToken.None)).Reads.BytesServed < 8 << 20)
        {
            await Task.Yield();
        }

        await silo.Process.KillSiloAsync("silo-2");

        var json = await load;
        var job = JsonDocument.Parse(json[json.IndexOf('{')..]).RootElement.GetProperty("jobs")[0];
        job.GetProperty("error").GetInt32().Should().Be(0);
        job.GetProperty("read").GetProperty("total_ios").GetInt64().Should().BePositive();
        silo.Process.SiloNames.Should().Equal("silo-0", "silo-1");
    }

    private static Task<(int ExitCode, string Output)> ReadAsync(TestSilo silo, int segment) => Tool.RunAsync(
        "qemu-io", "-r", "-f", "raw", "-c", $"read {segment * TestImage.Segment} 4096", silo.UnixUri("disk"));

    private static void FlipBit(string path, long offset)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 4));
    }
}
