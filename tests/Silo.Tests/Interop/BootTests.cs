using System.Diagnostics;
using System.Text.RegularExpressions;
using SnapshotGrains.Testing;
using Xunit.Abstractions;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>
/// Shows that a real Linux boots from a clone, lives on it and finds its files again. The image is made by
/// tests/Long/make-boot-image.sh; <c>SNAPSHOTGRAINS_BOOT_IMAGE</c> names its directory.
/// </summary>
public sealed partial class BootTests(ITestOutputHelper output)
{
    private const string Disk = "vm";
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(10);

    private static string Image => Environment.GetEnvironmentVariable("SNAPSHOTGRAINS_BOOT_IMAGE")
        ?? throw new InvalidOperationException(
            "SNAPSHOTGRAINS_BOOT_IMAGE must name the directory that tests/Long/make-boot-image.sh has filled.");

    [LongFact("qemu-system-x86_64", "nbdcopy", "e2fsck")]
    public async Task A_guest_boots_while_its_disk_hydrates_and_again_when_the_image_center_is_gone()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        await ImportAsync(silo);
        await silo.Api.SetHydrationLimitAsync(1 << 20, CancellationToken.None);
        await silo.Remote.CloneAsync(SnapshotId.Parse("boot@1"), Disk);

        for (var boot = 1; boot <= 2; boot++)
        {
            (await BootAsync(silo)).Should().Be(boot);
            var progress = await silo.Api.GetHydrationAsync(Disk, CancellationToken.None);
            output.WriteLine($"{progress}");
            progress.IsRunning.Should().BeTrue("it boots while hydration runs");
            progress.RemainingFetchBytes.Should().BePositive();
        }

        await silo.Api.SetHydrationLimitAsync(null, CancellationToken.None);
        await FlattenAsync(silo);
        Directory.Move(silo.Center, silo.Center + ".away");
        await silo.RestartAsync();
        (await BootAsync(silo)).Should().Be(3);

        var copy = Path.Combine(silo.Directory, "after.raw");
        await Tool.CheckAsync("nbdcopy", silo.UnixUri(Disk), copy);
        output.WriteLine(await Tool.CheckAsync("e2fsck", "-f", "-n", copy));
    }

    private static async Task ImportAsync(TestSilo silo)
    {
        await using var file = File.OpenRead(Path.Combine(Image, "boot.raw"));
        using var content = new StreamContent(file);
        await silo.Api.ImportImageAsync(SnapshotId.Parse("boot@1"), content, null, CancellationToken.None);
    }

    private async Task FlattenAsync(TestSilo silo)
    {
        var started = Stopwatch.GetTimestamp();
        await silo.Api.ControlHydrationAsync(Disk, HydrationCommand.Flatten, CancellationToken.None);
        await Eventually.IsTrueAsync(
            async () => (await silo.Api.GetDiskAsync(Disk, CancellationToken.None)).State == DiskState.Ready,
            "the disk was ready",
            BootTimeout);
        output.WriteLine($"Flattened in {Stopwatch.GetElapsedTime(started).TotalSeconds:f1} s.");
    }

    /// <summary>Boots until the guest powers off; returns how many boots the guest finds on its disk.</summary>
    private async Task<int> BootAsync(TestSilo silo)
    {
        var started = Stopwatch.GetTimestamp();
        var console = (await Tools.RunAsync(
            "qemu-system-x86_64", BootTimeout,
            "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "512", "-display", "none",
            "-nodefaults", "-no-reboot", "-serial", "stdio",
            "-kernel", Path.Combine(Image, "vmlinuz"), "-initrd", Path.Combine(Image, "initrd.img"),
            "-append", "root=/dev/vda rw console=ttyS0 quiet",
            "-drive", $"file={silo.UnixUri(Disk)},format=raw,if=virtio,cache=none,discard=unmap,detect-zeroes=unmap"))
            .ShouldSucceed().Output;
        var report = BootReport().Match(console);
        report.Success.Should().BeTrue("the guest said:\n{0}", console);
        output.WriteLine($"{report.Value}; off after {Stopwatch.GetElapsedTime(started).TotalSeconds:f1} s.");
        return int.Parse(report.Groups[1].Value);
    }

    /// <summary>The count of boots, and seconds since the kernel started.</summary>
    [GeneratedRegex(@"BOOT-OK (\d+) ([\d.]+)")]
    private static partial Regex BootReport();
}
