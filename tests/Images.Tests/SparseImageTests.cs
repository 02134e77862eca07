using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that an image that comes without its holes is the same image.</summary>
public sealed class SparseImageTests : IDisposable
{
    private const int Segment = TestImages.Segment;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Sizes around every boundary, of data, zeros and both, import as the same content does.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Segment - 1)]
    [InlineData(Segment)]
    [InlineData(Segment + 1)]
    [InlineData(20 * Segment)]
    [InlineData((20 * Segment) + 700)]
    public async Task Any_size_imports_as_the_content_does(int length)
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        byte[][] contents = [TestImages.Noise(1, length), new byte[length], TestImages.Disk(2, length)];
        for (var i = 0; i < contents.Length; i++)
        {
            var manifest = await ImportAsync(center, await SparseImages.WriteAsync(contents[i], i), $"v{i}");
            manifest.Map.ContentEquals(TestImages.MapOf(contents[i])).Should().BeTrue("content {0}", i);
            (await TestImages.ReadAllAsync(center, manifest)).Should().Equal(contents[i]);
        }
    }

    /// <summary>
    /// Records of any length at any place, in a stream that brings few bytes at a time, are put together.
    /// </summary>
    [Fact]
    public async Task Random_records_read_back()
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        for (var seed = 0; seed < 20; seed++)
        {
            var content = SparseImages.Speckled(seed, 6 * Segment);
            var sparse = await SparseImages.WriteAsync(content, seed);
            using var trickle = new FailingStream(sparse, long.MaxValue, () => { });
            var reader = await SparseImageReader.OpenAsync(trickle, TestImages.Deadline);
            var request = new ImportRequest
            {
                Name = "disk",
                Snap = $"s{seed}",
                Reader = reader,
                SegmentSizeBytes = Segment,
                LengthBytes = content.Length,
            };
            var manifest = await center.ImportAsync(request, TestImages.Deadline);
            (await TestImages.ReadAllAsync(center, manifest)).AsSpan().SequenceEqual(content)
                .Should().BeTrue("seed {0}", seed);
        }
    }

    /// <summary>A large write becomes several records, an empty one none; what is skipped is checked too.</summary>
    [Fact]
    public async Task Large_writes_are_split_and_unread_data_is_checked()
    {
        var data = TestImages.Noise(3, SparseImageFormat.MaxRecordBytes + 10);
        var stream = new MemoryStream();
        var writer = new SparseImageWriter(stream);
        await writer.WriteHeaderAsync(data.Length + 100, default);
        await writer.WriteAsync(5, default, default);
        await writer.WriteAsync(50, data, default);
        await writer.CompleteAsync(default);
        writer.DataBytes.Should().Be(data.Length);
        stream.Length.Should().Be(24 + (2 * 20) + data.Length + 28);

        var tail = new byte[100];
        (await ReadTailAsync(stream)).Should().Be(100);
        tail.AsSpan(0, 50).SequenceEqual(data.AsSpan(data.Length - 50)).Should().BeTrue();
        stream.GetBuffer()[1000] ^= 1;
        var read = () => ReadTailAsync(stream);
        (await read.Should().ThrowAsync<ImageCenterException>()).Which.Message.Should().Contain("checksum");
        var back = async () =>
        {
            var reader = await SparseImageReader.OpenAsync(new MemoryStream(stream.ToArray()), default);
            await reader.ReadAsync(0, new byte[60], default);
            await reader.FindDataAsync(59, default);
        };
        await back.Should().ThrowAsync<InvalidOperationException>();

        async Task<int> ReadTailAsync(MemoryStream sparse)
        {
            sparse.Position = 0;
            var reader = await SparseImageReader.OpenAsync(sparse, default);
            var got = await reader.ReadAsync(data.Length, tail, default);
            (await reader.ReadAsync(data.Length + 100, new byte[1], default)).Should().Be(0);
            return got;
        }
    }

    /// <summary>
    /// A disk of 1 TiB with 64 MiB of data, each MiB in another place, is imported in the time of its data, and its
    /// manifest is small.
    /// </summary>
    [Fact]
    public async Task A_sparse_terabyte_costs_its_data()
    {
        const long Size = 1L << 40;
        var stream = new MemoryStream();
        var writer = new SparseImageWriter(stream);
        await writer.WriteHeaderAsync(Size, default);
        for (var i = 0; i < 64; i++)
        {
            await writer.WriteAsync(i * (Size / 64), TestImages.Noise(i, 1 << 20), default);
        }

        await writer.CompleteAsync(default);
        stream.Position = 0;
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var request = new ImportRequest
        {
            Name = "disk",
            Snap = "v1",
            Reader = await SparseImageReader.OpenAsync(stream, TestImages.Deadline),
        };
        var manifest = await center.ImportAsync(request, TestImages.Deadline);
        (manifest.Map.SizeBytes, manifest.DataSegments, manifest.StoredBytes).Should().Be((Size, 64, 64 << 20));
        new FileInfo(_directory["images", "disk", "v1.manifest"]).Length.Should().BeLessThan(140_000);
        var segment = new byte[1 << 20];
        await new SegmentFetcher(center).FetchAsync(manifest, 63 << 14, segment, TestImages.Deadline);
        segment.Should().Equal(TestImages.Noise(63, 1 << 20));
    }

    /// <summary>An image that needs too many segments is refused at once, and asks for larger ones.</summary>
    [Fact]
    public async Task Too_many_segments_are_refused()
    {
        var stream = new MemoryStream();
        var writer = new SparseImageWriter(stream);
        await writer.WriteHeaderAsync(SparseImageFormat.MaxImageBytes, default);
        await writer.CompleteAsync(default);
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var import = async () => await ImportAsync(center, stream.ToArray(), "v1");
        var error = (await import.Should().ThrowAsync<ImageCenterException>()).Which;
        error.Code.Should().Be(ImageErrorCode.BadRequest);
        error.Message.Should().Contain("1073741824 segments of 65536 bytes");
    }

    /// <summary>Who uses the writer out of order is told so.</summary>
    [Fact]
    public async Task The_writer_refuses_what_makes_no_image()
    {
        var writer = new SparseImageWriter(new MemoryStream());
        Func<Task> write = async () => await writer.WriteAsync(10, new byte[10], default);
        Func<Task> complete = async () => await writer.CompleteAsync(default);
        Func<Task> negative = async () => await writer.WriteHeaderAsync(-1, default);
        Func<Task> header = async () => await writer.WriteHeaderAsync(25, default);
        await write.Should().ThrowAsync<InvalidOperationException>();
        await complete.Should().ThrowAsync<InvalidOperationException>();
        await negative.Should().ThrowAsync<ArgumentOutOfRangeException>();
        await header();
        await header.Should().ThrowAsync<InvalidOperationException>();
        await write();
        await write.Should().ThrowAsync<ArgumentOutOfRangeException>("it overlaps");
        Func<Task> beyond = async () => await writer.WriteAsync(20, new byte[6], default);
        await beyond.Should().ThrowAsync<ArgumentOutOfRangeException>();
        await complete();
        await write.Should().ThrowAsync<InvalidOperationException>();
    }

    private static Task<Manifest> ImportAsync(DirectoryImageCenter center, byte[] sparse, string snap) =>
        Task.Run(async () =>
        {
            var reader = await SparseImageReader.OpenAsync(new MemoryStream(sparse), TestImages.Deadline);
            var request = new ImportRequest { Name = "disk", Snap = snap, Reader = reader, SegmentSizeBytes = Segment };
            return await center.ImportAsync(request, TestImages.Deadline);
        });
}
