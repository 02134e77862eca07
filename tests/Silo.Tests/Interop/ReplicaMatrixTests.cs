using System.Runtime.Versioning;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>
/// Shows that disks in every stripe format and under every key hold the image for other people's tools: before, while
/// and after they hydrate, and after a restart; and hold what these tools write.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReplicaMatrixTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");

    private readonly KekFiles _keks = new();

    public static IReadOnlyDictionary<string, DiskLayout> Layouts { get; } = (
        from key in (string[])[ReplicaId.NoKey, "a", "b"]
        from format in new[]
        {
            ("unstriped", new DiskLayout()),
            ("64k-4", new DiskLayout(null, 64 << 10, 4)),
            ("4k-3", new DiskLayout(64 << 10, 4 << 10, 3)),
            ("1m-8", new DiskLayout(1 << 20, 1 << 20, 8)),
        }
        select (Name: $"{key}-{format.Item1}", Layout: format.Item2 with { Key = key }))
        .ToDictionary(disk => disk.Name, disk => disk.Layout);

    public void Dispose() => _keks.Dispose();

    [RequiresToolTheory("qemu-img", "nbdinfo")]
    [InlineData(14 * TestImage.Segment)]
    [InlineData(9 * TestImage.Segment + 512)]
    [InlineData(3 * 512)]
    public async Task Every_disk_is_the_image_before_while_and_after_it_hydrates(int size)
    {
        await using var silo = await StartAsync();
        var file = await silo.ImportFileAsync("img@1", TestImage.Random(size, seed: size));
        await CloneAllAsync(silo, HydrationMode.None);

        await CompareAllAsync(silo, file);
        foreach (var disk in Layouts.Keys)
        {
            await silo.Api.ControlHydrationAsync(disk, HydrationCommand.Start, None);
        }

        await CompareAllAsync(silo, file);
        foreach (var disk in Layouts.Keys)
        {
            await Eventually.IsTrueAsync(
                async () => (await silo.Api.GetDiskAsync(disk, None)).State == DiskState.Ready, $"{disk} is ready");
        }

        await CompareAllAsync(silo, file);
        await silo.RestartAsync();
        await CompareAllAsync(silo, file);
    }

    [RequiresToolFact("fio")]
    public async Task Every_disk_keeps_what_fio_writes()
    {
        await using var silo = await StartAsync();
        await silo.ImportAsync("img@1", TestImage.Random(16 * TestImage.Segment));
        await CloneAllAsync(silo, HydrationMode.Background);

        foreach (var disk in Layouts.Keys)
        {
            await new FioVerify(silo, disk, offsetMebibytes: 3, mebibytes: 6).WriteAsync();
        }

        await silo.RestartAsync();
        foreach (var disk in Layouts.Keys)
        {
            await new FioVerify(silo, disk, offsetMebibytes: 3, mebibytes: 6).VerifyAsync("after a restart");
        }
    }

    private async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(more: _keks.SettingsOf(1));
        await silo.Api.CreateKeyAsync("a", None);
        await silo.Api.CreateKeyAsync("b", None);
        return silo;
    }

    private static async Task CloneAllAsync(TestSilo silo, HydrationMode hydration)
    {
        foreach (var (disk, layout) in Layouts)
        {
            await silo.Remote.CloneAsync(Image, disk, new CloneOptions(hydration, layout));
        }
    }

    private static async Task CompareAllAsync(TestSilo silo, string file)
    {
        foreach (var disk in Layouts.Keys)
        {
            (await Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", file, silo.UnixUri(disk)))
                .Should().Contain("identical", disk);
            (await Tool.CheckAsync("nbdinfo", "--size", silo.UnixUri(disk))).Trim()
                .Should().Be($"{new FileInfo(file).Length}", disk);
        }
    }
}
