using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that an import that fails has a typed error and leaves the image center as it was.</summary>
public sealed class ImportFailureTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>A content that is shorter or longer than announced is refused, and nothing of it is kept.</summary>
    [Theory]
    [InlineData(100, 101, ImageErrorCode.Truncated)]
    [InlineData(5 * TestImages.Segment, (5 * TestImages.Segment) + 1, ImageErrorCode.Truncated)]
    [InlineData(101, 100, ImageErrorCode.BadRequest)]
    [InlineData((5 * TestImages.Segment) + 1, 5 * TestImages.Segment, ImageErrorCode.BadRequest)]
    [InlineData(1, 0, ImageErrorCode.BadRequest)]
    public async Task Wrong_length_is_refused(int actual, int announced, ImageErrorCode code)
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var request = TestImages.Request(TestImages.Noise(1, actual)) with { LengthBytes = announced };
        await RefusedAsync(center, request, code);
        await NothingIsLeftAsync(center);
    }

    /// <summary>A stream that breaks, and a caller that cancels in the middle, leave nothing behind.</summary>
    [Fact]
    public async Task Broken_and_cancelled_imports_leave_nothing()
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var content = TestImages.Noise(2, 40 * TestImages.Segment);
        var broken = new FailingStream(content, content.Length / 2, () => throw new IOException("wire cut"));
        await RefusedAsync(
            center, TestImages.Request([]) with { Content = broken, LengthBytes = null }, ImageErrorCode.BadRequest);
        await NothingIsLeftAsync(center);

        using var cancellation = new CancellationTokenSource();
        var stopping = new FailingStream(content, content.Length / 2, cancellation.Cancel);
        var import = async () => await center.ImportAsync(
            TestImages.Request([]) with { Content = stopping, LengthBytes = null }, cancellation.Token);
        await import.Should().ThrowAsync<OperationCanceledException>();
        await NothingIsLeftAsync(center);
    }

    /// <summary>A full disk is reported as such, and the images that exist stay whole.</summary>
    [Fact]
    public async Task A_full_disk_is_a_typed_error()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var content = TestImages.Disk(3, 9 * TestImages.Segment);
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var manifest = await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        var full = new DirectoryCenterOptions
        {
            CreatePackFile = _ => File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite),
        };
        using var cramped = await DirectoryImageCenter.OpenAsync(_directory.Path, full, TestImages.Deadline);
        await RefusedAsync(
            cramped, TestImages.Request(TestImages.Noise(4, 100_000), "other"), ImageErrorCode.NoSpace);
        (await TestImages.ReadAllAsync(cramped, manifest)).Should().Equal(content);
        (await cramped.ListAsync(TestImages.Deadline).ToListAsync()).Should().HaveCount(1);
    }

    /// <summary>Names that could be paths, and requests without sense, never reach the disk.</summary>
    [Theory]
    [InlineData("..", "v1")]
    [InlineData("../etc", "v1")]
    [InlineData("a/b", "v1")]
    [InlineData("", "v1")]
    [InlineData(".hidden", "v1")]
    [InlineData("Upper", "v1")]
    [InlineData("disk", "v 1")]
    [InlineData("disk", "v1\0")]
    [InlineData("disk", "ü")]
    [InlineData("disk", "..%2f")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x", "v1")]
    public async Task Bad_names_are_refused(string name, string snap)
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        await RefusedAsync(center, TestImages.Request([1], name, snap), ImageErrorCode.BadName);
        Func<Task>[] others =
        [
            async () => await center.GetManifestAsync(name, snap, default),
            async () => await center.DeleteAsync(name, snap, default),
        ];
        foreach (var act in others)
        {
            (await act.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.BadName);
        }
    }

    /// <summary>Requests without content, with two, with odd sizes are refused.</summary>
    [Fact]
    public async Task Senseless_requests_are_refused()
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var good = TestImages.Request([1]);
        ImportRequest[] bad =
        [
            good with { Content = null },
            good with { Reader = new StreamImageReader(Stream.Null, 0) },
            good with { LengthBytes = -1 },
            good with { SegmentSizeBytes = 0 },
            good with { SegmentSizeBytes = 32 * 1024 },
            good with { SegmentSizeBytes = (64 * 1024) + 1 },
            good with { SegmentSizeBytes = 32 << 20 },
        ];
        foreach (var request in bad)
        {
            await RefusedAsync(center, request, ImageErrorCode.BadRequest);
        }
    }

    /// <summary>
    /// What a killed import has left (a half pack, a pack without its manifest, a half manifest) is gone after the next
    /// open, and not while an import is alive.
    /// </summary>
    [Fact]
    public async Task Remains_of_dead_imports_are_removed_but_not_of_living_ones()
    {
        var content = TestImages.Disk(5, 9 * TestImages.Segment);
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var manifest = await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        string[] remains =
        [
            _directory["packs", $".{PackId.Create()}.tmp"],
            _directory["packs", $"{PackId.Create()}.pack"],
            _directory["images", "disk", $".v2.manifest.{PackId.Create()}.tmp"],
        ];
        Array.ForEach(remains, path => File.WriteAllText(path, "half"));

        var slow = new FailingStream(TestImages.Noise(6, 9 * TestImages.Segment), 5 * TestImages.Segment, () =>
        {
            using var rival = DirectoryImageCenter.OpenAsync(_directory.Path).GetAwaiter().GetResult();
            remains.Should().OnlyContain(path => File.Exists(path), "an import is alive");
        });
        await center.ImportAsync(
            TestImages.Request([], snap: "v3") with { Content = slow, LengthBytes = null }, TestImages.Deadline);

        using var reopened = await DirectoryImageCenter.OpenAsync(_directory.Path);
        remains.Should().NotContain(path => File.Exists(path));
        (await TestImages.ReadAllAsync(reopened, manifest)).Should().Equal(content);
        var third = await reopened.GetManifestAsync("disk", "v3", TestImages.Deadline);
        (await TestImages.ReadAllAsync(reopened, third)).Should().Equal(TestImages.Noise(6, 9 * TestImages.Segment));
    }

    /// <summary>A directory that is something else is not taken over; another version is not touched.</summary>
    [Fact]
    public async Task Foreign_directories_are_refused()
    {
        File.WriteAllText(_directory["precious.txt"], "mine");
        (await OpenFailsAsync(_directory.Path)).Should().Be(ImageErrorCode.BadRequest);
        var later = _directory["later"];
        Directory.CreateDirectory(later);
        var marker = Path.Combine(later, "center.json");
        File.WriteAllText(marker, """{"format":"snapshotgrains-image-center","version":2}""");
        (await OpenFailsAsync(later)).Should().Be(ImageErrorCode.UnsupportedVersion);
        File.WriteAllText(marker, "{");
        (await OpenFailsAsync(later)).Should().Be(ImageErrorCode.Corrupt);
        File.WriteAllText(marker, """{"format":"another","version":1}""");
        (await OpenFailsAsync(later)).Should().Be(ImageErrorCode.Corrupt);

        var options = new DirectoryCenterOptions { CreateIfMissing = false };
        var open = async () => await DirectoryImageCenter.OpenAsync(_directory["none"], options, default);
        (await open.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.NotFound);
    }

    private static async Task<ImageErrorCode> OpenFailsAsync(string path)
    {
        var open = async () => await DirectoryImageCenter.OpenAsync(path);
        return (await open.Should().ThrowAsync<ImageCenterException>()).Which.Code;
    }

    private static async Task RefusedAsync(DirectoryImageCenter center, ImportRequest request, ImageErrorCode code)
    {
        var import = async () => await center.ImportAsync(request, TestImages.Deadline);
        (await import.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(code);
    }

    private async Task NothingIsLeftAsync(DirectoryImageCenter center)
    {
        (await center.ListAsync(TestImages.Deadline).ToListAsync()).Should().BeEmpty();
        Directory.GetFiles(_directory["packs"]).Should().BeEmpty();
        Directory.GetFiles(_directory["images"], "*", SearchOption.AllDirectories).Should().BeEmpty();
    }
}
