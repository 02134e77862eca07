using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that a derived image costs what differs from its base, and reads back byte for byte.</summary>
public sealed class DerivedImageTests : IAsyncLifetime
{
    private const int Segment = TestImages.Segment;

    private readonly TempDirectory _directory = new();
    private readonly byte[] _baseContent = TestImages.Disk(1, (40 * Segment) + 700);
    private DirectoryImageCenter _center = null!;
    private Manifest _base = null!;

    public async Task InitializeAsync()
    {
        _center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        _base = await _center.ImportAsync(TestImages.Request(_baseContent), TestImages.Deadline);
    }

    public Task DisposeAsync()
    {
        _center.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Three changed segments, two of them equal, and one made zero: only the distinct new ones are stored, only the
    /// changed ones read, and nothing of the base is: its packs are unreadable meanwhile.
    /// </summary>
    [Fact]
    public async Task Only_changed_segments_are_read_and_stored()
    {
        var content = _baseContent.ToArray();
        var fresh = TestImages.Noise(2, Segment);
        fresh.CopyTo(content, 3 * Segment);
        fresh.CopyTo(content, 17 * Segment);
        TestImages.Noise(3, 700).CopyTo(content, 40 * Segment);
        var zeroed = (int)_base.Map.NextData(20);
        content.AsSpan(zeroed * Segment, Segment).Clear();

        var pack = _directory["packs", $"{_base.Packs[0]}.pack"];
        var good = File.ReadAllBytes(pack);
        File.WriteAllBytes(pack, []);
        var reader = new DerivedContent(content, _baseContent);
        var manifest = await _center.ImportAsync(Request(reader), TestImages.Deadline);
        File.WriteAllBytes(pack, good);

        manifest.StoredBytes.Should().Be(Segment + 700);
        reader.ReadBytes.Should().Be((3 * Segment) + 700);
        new FileInfo(_directory["packs", $"{manifest.Packs.ToArray().Single(p => p != _base.Packs[0])}.pack"])
            .Length.Should().Be(Segment + 700);
        manifest.Map.ContentEquals(TestImages.MapOf(content)).Should().BeTrue();
        manifest.Map.IsZero(zeroed).Should().BeTrue();
        await ReadsBackAsync(manifest, content);
    }

    /// <summary>A disk that was grown, shrunk or cut within a segment shares what has equal segments.</summary>
    [Theory]
    [InlineData((40 * Segment) + 700)]
    [InlineData((40 * Segment) + 701)]
    [InlineData((40 * Segment) + 699)]
    [InlineData(41 * Segment)]
    [InlineData(40 * Segment)]
    [InlineData((55 * Segment) + 1)]
    [InlineData((12 * Segment) + 5)]
    [InlineData(12 * Segment)]
    [InlineData(5)]
    [InlineData(0)]
    public async Task Sizes_may_differ(int length)
    {
        var content = TestImages.Noise(4, length);
        var shared = Math.Min(length, _baseContent.Length);
        _baseContent.AsSpan(0, shared).CopyTo(content);
        var reader = new DerivedContent(content, _baseContent);
        var manifest = await _center.ImportAsync(Request(reader), TestImages.Deadline);
        var sameSegments = length == _baseContent.Length ? length : shared / Segment * Segment;
        reader.ReadBytes.Should().Be(length - sameSegments);
        await ReadsBackAsync(manifest, content);
    }

    /// <summary>Random changes to random sizes read back, also as bases of one another.</summary>
    [Fact]
    public async Task Random_chains_read_back()
    {
        var random = new Random(99);
        var (parent, content) = (_base, _baseContent);
        for (var seed = 0; seed < 30; seed++)
        {
            var next = TestImages.Disk(seed, Math.Max(1, content.Length + random.Next(-2 * Segment, 2 * Segment)));
            var keep = random.Next(Math.Min(content.Length, next.Length));
            content.AsSpan(keep / 2, keep - (keep / 2)).CopyTo(next.AsSpan(keep / 2));
            var reader = new DerivedContent(next, content);
            var request = Request(reader, snap: $"s{seed}") with { Base = parent };
            parent = await _center.ImportAsync(request, TestImages.Deadline);
            content = next;
            parent.Map.ContentEquals(TestImages.MapOf(next)).Should().BeTrue("seed {0}", seed);
            (await TestImages.ReadAllAsync(_center, parent)).AsSpan().SequenceEqual(next)
                .Should().BeTrue("seed {0}", seed);
        }
    }

    /// <summary>Nothing changed: the same map for no bytes, and the same name again is the same image.</summary>
    [Fact]
    public async Task Nothing_changed_costs_nothing()
    {
        var same = new DerivedContent(_baseContent, _baseContent);
        var reports = new List<ImportProgress>();
        var request = Request(same) with { Progress = new DirectProgress(reports.Add) };
        var copy = await _center.ImportAsync(request, TestImages.Deadline);
        same.ReadBytes.Should().Be(0);
        copy.StoredBytes.Should().Be(0);
        copy.Map.ContentEquals(_base.Map).Should().BeTrue();
        (reports[^1].BytesRead, reports[^1].DuplicateSegments).Should().Be((_baseContent.Length, _base.DataSegments));
        await ReadsBackAsync(copy, _baseContent);

        var again = await _center.ImportAsync(Request(same), TestImages.Deadline);
        again.CreatedAt.Should().Be(copy.CreatedAt);
        var itself = await _center.ImportAsync(Request(same, "disk", "v1"), TestImages.Deadline);
        itself.CreatedAt.Should().Be(_base.CreatedAt);
        Directory.GetFiles(_directory["packs"]).Should().HaveCount(1);
    }

    /// <summary>Everything changed: as dear as any import. The name of other content is refused.</summary>
    [Fact]
    public async Task Everything_changed_is_an_import_like_any_other()
    {
        var content = TestImages.Noise(6, _baseContent.Length);
        var manifest = await _center.ImportAsync(
            Request(new DerivedContent(content, _baseContent)), TestImages.Deadline);
        manifest.StoredBytes.Should().Be(content.Length);
        manifest.Packs.ToArray().Should().NotContain(_base.Packs[0]);
        await ReadsBackAsync(manifest, content);

        var other = Request(new DerivedContent(_baseContent, _baseContent));
        (await RefusedAsync(other)).Code.Should().Be(ImageErrorCode.AlreadyExists);
        var changed = Request(new DerivedContent(content, _baseContent), "disk", "v1");
        (await RefusedAsync(changed)).Code.Should().Be(ImageErrorCode.AlreadyExists);
        await ReadsBackAsync(_base, _baseContent);
    }

    /// <summary>The segment size is the base's unless somebody asks for another, which is refused.</summary>
    [Fact]
    public async Task The_segment_size_is_the_bases()
    {
        var request = Request(new DerivedContent(_baseContent, _baseContent));
        request.SegmentSizeBytes.Should().Be(Segment);
        var error = await RefusedAsync(request with { SegmentSizeBytes = 2 * Segment });
        error.Code.Should().Be(ImageErrorCode.BadRequest);
        error.Message.Should().Contain("disk@v1").And.Contain("65536");
        new ImportRequest { Name = "a", Snap = "b" }.SegmentSizeBytes.Should().Be(1 << 20);
    }

    private ImportRequest Request(IImageReader reader, string name = "derived", string snap = "v1") =>
        new() { Name = name, Snap = snap, Reader = reader, Base = _base };

    private async Task<ImageCenterException> RefusedAsync(ImportRequest request)
    {
        var import = async () => await _center.ImportAsync(request, TestImages.Deadline);
        return (await import.Should().ThrowAsync<ImageCenterException>()).Which;
    }

    /// <summary>Through the manifest as it is on the disk.</summary>
    private async Task ReadsBackAsync(Manifest manifest, byte[] content)
    {
        var stored = await _center.GetManifestAsync(manifest.Name, manifest.Snap, TestImages.Deadline);
        (await TestImages.ReadAllAsync(_center, stored)).AsSpan().SequenceEqual(content).Should().BeTrue();
    }
}
