using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that an imported image reads back byte for byte, whatever its size, and is stored once.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Sizes around every boundary come back exactly, with the map that the content has.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3 * 512)]
    [InlineData(TestImages.Segment - 1)]
    [InlineData(TestImages.Segment)]
    [InlineData(TestImages.Segment + 1)]
    [InlineData(16 * TestImages.Segment)]
    [InlineData((16 * TestImages.Segment) + 512)]
    [InlineData((1 << 20) + 1)]
    public async Task Any_size_reads_back(int length)
    {
        var content = TestImages.Noise(length, length);
        using var center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var manifest = await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);

        manifest.Map.ContentEquals(TestImages.MapOf(content)).Should().BeTrue();
        manifest.Map.SizeBytes.Should().Be(length);
        manifest.StoredBytes.Should().Be(length);
        (await TestImages.ReadAllAsync(center, manifest)).Should().Equal(content);
        var again = await center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        again.Map.ContentEquals(manifest.Map).Should().BeTrue();
        (again.Source, again.CreatedAt).Should().Be((manifest.Source, manifest.CreatedAt));
    }

    /// <summary>Random disks with holes and repeats come back exactly, from a stream of unknown length too.</summary>
    [Fact]
    public async Task Random_disks_read_back()
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var random = new Random(4711);
        for (var seed = 0; seed < 30; seed++)
        {
            var content = TestImages.Disk(seed, random.Next(12 * TestImages.Segment));
            var request = TestImages.Request(content, snap: $"s{seed}");
            request = seed % 2 == 0 ? request : request with { LengthBytes = null };
            var manifest = await center.ImportAsync(request, TestImages.Deadline);
            manifest.Map.ContentEquals(TestImages.MapOf(content)).Should().BeTrue("seed {0}", seed);
            var read = await TestImages.ReadAllAsync(center, manifest);
            read.AsSpan().SequenceEqual(content).Should().BeTrue("seed {0}", seed);
        }
    }

    /// <summary>
    /// Zeros are not stored at all, equal segments once, and equal content of another image not again.
    /// </summary>
    [Fact]
    public async Task Content_is_stored_once()
    {
        const int Segment = TestImages.Segment;
        var a = TestImages.Noise(1, Segment);
        var b = TestImages.Noise(2, Segment);
        byte[] content = [.. a, .. b, .. a, .. new byte[Segment], .. a, .. b[..512]];
        using var center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var first = await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        (first.DataSegments, first.ZeroSegments, first.DistinctSegments).Should().Be((5, 1, 3));
        first.StoredBytes.Should().Be((2 * Segment) + 512);

        byte[] other = [.. TestImages.Noise(3, Segment), .. b];
        var second = await center.ImportAsync(TestImages.Request(other, "other"), TestImages.Deadline);
        second.StoredBytes.Should().Be(Segment);
        second.Packs.Length.Should().Be(2);
        (await TestImages.ReadAllAsync(center, second)).Should().Equal(other);
    }

    /// <summary>A reopened center still knows what it holds, and shares it.</summary>
    [Fact]
    public async Task A_reopened_center_shares_content()
    {
        var content = TestImages.Noise(5, 3 * TestImages.Segment);
        using (var center = await DirectoryImageCenter.OpenAsync(_directory["center"]))
        {
            await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        }

        using var reopened = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var copy = await reopened.ImportAsync(TestImages.Request(content, "copy"), TestImages.Deadline);
        copy.StoredBytes.Should().Be(0);
        (await TestImages.ReadAllAsync(reopened, copy)).Should().Equal(content);
    }

    /// <summary>The same content under the same name again is the same image; other content is refused.</summary>
    [Fact]
    public async Task Importing_again_is_idempotent_and_replaces_nothing()
    {
        var content = TestImages.Disk(7, 9 * TestImages.Segment);
        using var center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var first = await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        var again = await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        again.CreatedAt.Should().Be(first.CreatedAt);

        byte[][] others = [content[..^1], [.. content, 1], TestImages.Noise(8, content.Length), []];
        foreach (var other in others)
        {
            var import = async () => await center.ImportAsync(TestImages.Request(other), TestImages.Deadline);
            (await import.Should().ThrowAsync<ImageCenterException>()).Which.Code
                .Should().Be(ImageErrorCode.AlreadyExists);
        }

        var request = TestImages.Request(content) with { SegmentSizeBytes = 2 * TestImages.Segment };
        var resized = async () => await center.ImportAsync(request, TestImages.Deadline);
        (await resized.Should().ThrowAsync<ImageCenterException>()).Which.Code
            .Should().Be(ImageErrorCode.AlreadyExists);
        var manifest = await center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(center, manifest)).Should().Equal(content);
        Directory.GetFiles(_directory["center", "packs"]).Should().HaveCount(1);
    }

    /// <summary>Several imports at once, of one name and of others: one wins each name, all read back.</summary>
    [Fact]
    public async Task Concurrent_imports_agree()
    {
        var contents = Enumerable.Range(0, 3).Select(i => TestImages.Disk(i, 9 * TestImages.Segment)).ToArray();
        using var one = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        using var two = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var imports = Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            var request = TestImages.Request(contents[i % 3], $"image{i % 3}");
            return await (i % 2 == 0 ? one : two).ImportAsync(request, TestImages.Deadline);
        })).ToArray();
        foreach (var manifest in await Task.WhenAll(imports))
        {
            var expected = contents[manifest.Name[^1] - '0'];
            (await TestImages.ReadAllAsync(two, manifest)).AsSpan().SequenceEqual(expected).Should().BeTrue();
        }

        (await one.ListAsync(TestImages.Deadline).ToListAsync()).Should().HaveCount(3);
    }

    /// <summary>Holes of a sparse file are not read, and count as zero segments.</summary>
    [Fact]
    public async Task A_sparse_terabyte_is_imported_by_its_holes()
    {
        const long Size = (1L << 40) + 512;
        const int Segment = 1 << 20;
        var path = _directory["sparse.raw"];
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            RandomAccess.Write(file, "boot"u8, 0);
            RandomAccess.Write(file, "deep"u8, (1L << 39) + 12345);
            RandomAccess.Write(file, "end"u8, Size - 3);
        }

        using var center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        using var reader = new FileImageReader(path);
        var reports = new List<ImportProgress>();
        var manifest = await center.ImportAsync(
            new ImportRequest
            {
                Name = "sparse",
                Snap = "v1",
                Reader = reader,
                Progress = new DirectProgress(reports.Add),
            },
            TestImages.Deadline);
        manifest.Map.SizeBytes.Should().Be(Size);
        manifest.Map.SegmentCount.Should().Be((1 << 20) + 1);
        manifest.DataSegments.Should().Be(3);
        reports[^1].BytesRead.Should().Be(Size);
        var segment = new byte[Segment];
        await new SegmentFetcher(center).FetchAsync(manifest, 1 << 19, segment, TestImages.Deadline);
        segment.AsSpan(12345, 4).SequenceEqual("deep"u8).Should().BeTrue();
        await new SegmentFetcher(center).FetchAsync(manifest, 1 << 20, segment.AsMemory(0, 512), TestImages.Deadline);
        segment.AsSpan(509, 3).SequenceEqual("end"u8).Should().BeTrue();
        new FileInfo(_directory["center", "images", "sparse", "v1.manifest"]).Length.Should().BeLessThan(140_000);
    }

    /// <summary>Progress ends at the whole, and adds up.</summary>
    [Fact]
    public async Task Progress_adds_up()
    {
        var content = TestImages.Disk(9, 300 * TestImages.Segment);
        var reports = new List<ImportProgress>();
        using var center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        var request = TestImages.Request(content) with { Progress = new DirectProgress(reports.Add) };
        var manifest = await center.ImportAsync(request, TestImages.Deadline);
        reports.Should().HaveCountGreaterThan(2);
        reports.Select(r => r.BytesRead).Should().BeInAscendingOrder();
        var last = reports[^1];
        (last.BytesRead, last.TotalBytes).Should().Be((content.Length, content.Length));
        (last.DataSegments, last.ZeroSegments).Should().Be((manifest.DataSegments, manifest.ZeroSegments));
        last.StoredBytes.Should().Be(manifest.StoredBytes);
        last.DuplicateSegments.Should().Be(manifest.DataSegments - manifest.DistinctSegments);
    }
}
