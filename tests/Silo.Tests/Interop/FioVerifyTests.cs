using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows that fio finds every block that it wrote to a clone, wherever the clone is in its life.</summary>
public sealed class FioVerifyTests
{
    private const string Disk = "disk";
    private static readonly TimeSpan HydrationTimeout = TimeSpan.FromMinutes(5);
    private static readonly int Mebibytes = TestTier.Pick(quick: 32, full: 256);

    [RequiresToolFact("fio", "nbdcopy", "qemu-img", "qemu-io", "dd")]
    public async Task Blocks_are_found_after_detach_eviction_restart_flatten_and_without_the_image_center()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1, cacheBytes: "8M");
        var content = await CloneAsync(silo, HydrationMode.None);
        var fio = Fio(silo);

        await fio.WriteAsync();
        await fio.VerifyAsync("after it was detached");
        var written = await CopyAsync(silo, content);

        await EmptyCachesAsync(silo);
        await fio.VerifyAsync("after the caches were emptied");
        await CompareAsync(silo, written);

        await silo.RestartAsync();
        await fio.VerifyAsync("after a restart");
        await CompareAsync(silo, written);

        await silo.Api.ControlHydrationAsync(Disk, HydrationCommand.Flatten, CancellationToken.None);
        await WaitUntilReadyAsync(silo);
        await fio.VerifyAsync("after it was flattened");

        Directory.Move(silo.Center, silo.Center + ".away");
        await EmptyPageCacheAsync(silo);
        await fio.VerifyAsync("with the image center gone");
        await CompareAsync(silo, written);
        await silo.RestartAsync();
        await fio.VerifyAsync("with the image center gone, after a restart");
        await CompareAsync(silo, written);

        await Tool.CheckAsync("qemu-io", "-f", "raw", "-c", $"write -P 7 {Mebibytes / 2}M 512", silo.UnixUri(Disk));
        (await fio.FindsErrorAsync()).Should().BeTrue("else the others would have shown nothing");
    }

    [RequiresToolFact("fio", "nbdcopy", "qemu-img")]
    public async Task Blocks_written_while_hydration_runs_are_found_during_it_and_afterwards()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        var content = await CloneAsync(silo, HydrationMode.Background);
        await silo.Api.SetHydrationLimitAsync(256 << 10, CancellationToken.None);
        var fio = Fio(silo);

        await fio.WriteAsync();
        await fio.VerifyAsync("during hydration");
        var during = await silo.Api.GetHydrationAsync(Disk, CancellationToken.None);
        during.IsRunning.Should().BeTrue("hydration runs while fio writes");
        during.RemainingFetchBytes.Should().BePositive("it is capped so low that it cannot be done: {0}", during);
        await Eventually.IsTrueAsync(
            async () => (await silo.Api.GetHydrationAsync(Disk, CancellationToken.None)).HydratedBytes > 0,
            "a first segment was hydrated");

        await silo.Api.SetHydrationLimitAsync(null, CancellationToken.None);
        await fio.WriteAsync();
        await WaitUntilReadyAsync(silo);
        await fio.VerifyAsync("after hydration");
        await CompareAsync(silo, await CopyAsync(silo, content));
    }

    private static FioVerify Fio(TestSilo silo) => new(silo, Disk, Mebibytes / 4, Mebibytes);

    /// <summary>A clone that is larger than what fio writes, by a quarter on both sides.</summary>
    private static async Task<byte[]> CloneAsync(TestSilo silo, HydrationMode hydration)
    {
        var content = TestImage.Random((Mebibytes + (Mebibytes / 2)) * TestImage.Segment, seed: 11);
        var image = await silo.ImportAsync("img@1", content);
        await silo.Remote.CloneAsync(image.Id, Disk, hydration);
        return content;
    }

    /// <summary>Copies the disk to a file, which must be the image before and behind fio's range.</summary>
    private static async Task<string> CopyAsync(TestSilo silo, byte[] content)
    {
        var path = Path.Combine(silo.Directory, "written.raw");
        await Tool.CheckAsync("nbdcopy", "--connections=4", silo.UnixUri(Disk), path);
        var copy = await File.ReadAllBytesAsync(path);
        var start = Mebibytes / 4 * TestImage.Segment;
        var end = start + (Mebibytes * TestImage.Segment);
        copy.AsSpan(0, start).SequenceEqual(content.AsSpan(0, start)).Should().BeTrue("nobody wrote there");
        copy.AsSpan(end).SequenceEqual(content.AsSpan(end)).Should().BeTrue("nobody wrote there");
        copy.AsSpan(start, end - start).SequenceEqual(content.AsSpan(start, end - start)).Should().BeFalse();
        return path;
    }

    private static async Task CompareAsync(TestSilo silo, string file) =>
        (await Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", file, silo.UnixUri(Disk)))
            .Should().Contain("identical");

    private static Task WaitUntilReadyAsync(TestSilo silo) => Eventually.IsTrueAsync(
        async () => (await silo.Api.GetDiskAsync(Disk, CancellationToken.None)).State == DiskState.Ready,
        "the disk was ready",
        HydrationTimeout);

    /// <summary>
    /// Reads so much of another image that no segment of the first stays cached, and has the system forget what it has
    /// read of overlays.
    /// </summary>
    private static async Task EmptyCachesAsync(TestSilo silo)
    {
        await silo.ImportAsync("other@1", TestImage.Random(48 * TestImage.Segment, seed: 12));
        await Tool.CheckAsync("nbdcopy", silo.UnixUri("other@1"), "null:");
        (await silo.Api.ListNodesAsync(CancellationToken.None)).Single().Cache.Evictions.Should().BePositive();
        await EmptyPageCacheAsync(silo);
    }

    private static async Task EmptyPageCacheAsync(TestSilo silo)
    {
        var files = Directory.GetFiles(
            Path.Combine(silo.Directory, "data", "disks"), "*", SearchOption.AllDirectories);
        files.Should().NotBeEmpty();
        foreach (var file in files)
        {
            await Tool.CheckAsync("dd", $"if={file}", "iflag=nocache", "count=0", "status=none");
        }
    }
}
