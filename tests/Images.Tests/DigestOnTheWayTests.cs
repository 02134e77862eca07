using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that a digest that a source takes while bytes come is that of the bytes which are there.</summary>
public sealed class DigestOnTheWayTests
{
    private const int Mebibyte = 1 << 20;
    private static readonly PackId Pack = PackId.Parse(new string('a', 32));

    /// <summary>Both image centers take it, whatever the length is to the pieces that they read.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData((512 << 10) - 1)]
    [InlineData(512 << 10)]
    [InlineData((512 << 10) + 1)]
    [InlineData(Mebibyte + 777)]
    public async Task It_is_that_of_the_bytes(int length)
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var content = TestImages.Noise(length, 2 * Mebibyte);
        var manifest = await http.Directory.ImportAsync(TestImages.Request(content, "large"), TestImages.Deadline);
        foreach (IImageSource center in new IImageSource[] { http.Directory, http.Center })
        {
            var bytes = new byte[length];
            var stack = new RetryingImageSource(
                new BoundedImageSource(new MeteredImageSource(center), new BoundedSourceOptions()),
                new RetryingSourceOptions());
            var digest = await stack.ReadAsync(
                manifest.Packs[0], 12_345, bytes, FetchUrgency.Demand, TestImages.Deadline);
            bytes.Should().Equal(content.AsSpan(12_345 - HeaderOf(manifest), length).ToArray());
            digest.Should().Be(Digest.Compute(bytes), center.GetType().Name);
        }
    }

    /// <summary>One wrong byte in any of the pieces of a segment is found.</summary>
    [Fact]
    public async Task Damage_in_any_piece_is_found()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var content = TestImages.Noise(7, Mebibyte);
        var manifest = await http.Directory.ImportAsync(
            TestImages.Request(content, "large") with { SegmentSizeBytes = Mebibyte }, TestImages.Deadline);
        var packFile = Path.Combine(http.Root, "packs", $"{manifest.Packs[0]}.pack");
        for (var at = 100; at < Mebibyte; at += 128 << 10)
        {
            TestImages.Flip(packFile, manifest.LocationOf(0).Offset + at, 6);
            foreach (IImageSource center in new IImageSource[] { http.Directory, http.Center })
            {
                center.Forget(manifest.Packs[0]);
                var fetcher = new SegmentFetcher(center);
                var fetch = async () => await fetcher.FetchAsync(
                    manifest, 0, new byte[Mebibyte], TestImages.Deadline);
                (await fetch.Should().ThrowAsync<ImageCenterException>())
                    .Which.Code.Should().Be(ImageErrorCode.Corrupt, "{0} in {1}", at, center.GetType().Name);
            }

            TestImages.Flip(packFile, manifest.LocationOf(0).Offset + at, 6);
        }
    }

    /// <summary>A pack that ends within any of the pieces is cut short, whatever was read of it.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(700 << 10)]
    [InlineData(Mebibyte)]
    public async Task A_pack_that_ends_early_is_told(int rest)
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var content = TestImages.Noise(7, 2 * Mebibyte);
        var manifest = await http.Directory.ImportAsync(TestImages.Request(content, "large"), TestImages.Deadline);
        var packFile = Path.Combine(http.Root, "packs", $"{manifest.Packs[0]}.pack");
        using (var file = File.OpenWrite(packFile))
        {
            file.SetLength(5000 + rest);
        }

        foreach (IImageSource center in new IImageSource[] { http.Directory, http.Center })
        {
            var read = async () => await center.ReadAsync(
                manifest.Packs[0], 5000, new byte[Mebibyte + 777], FetchUrgency.Demand, TestImages.Deadline);
            (await read.Should().ThrowAsync<ImageCenterException>())
                .Which.Code.Should().Be(ImageErrorCode.Truncated, center.GetType().Name);
        }
    }

    /// <summary>A web server's connection is not held up by what nobody waits for.</summary>
    [Fact]
    public async Task Only_a_demand_over_http_has_one()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var bytes = new byte[TestImages.Segment];
        foreach (var priority in Enum.GetValues<FetchPriority>())
        {
            (await http.Center.ReadAsync(http.Pack, 0, bytes, FetchUrgency.Of(priority), TestImages.Deadline))
                .Should().Be(priority == FetchPriority.Demand ? Digest.Compute(bytes) : null, "{0}", priority);
        }
    }

    /// <summary>A read that nobody waits for any more is not begun.</summary>
    [Fact]
    public async Task A_cancelled_read_is_not_begun()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var bytes = new byte[1000];
        var read = async () => await http.Directory.ReadAsync(
            http.Pack, 0, bytes, FetchUrgency.Demand, new CancellationToken(canceled: true));
        await read.Should().ThrowAsync<OperationCanceledException>();
        bytes.Should().OnlyContain(octet => octet == 0);
    }

    /// <summary>Of what a slow source gives in pieces nobody has the digest of the whole.</summary>
    [Fact]
    public async Task What_comes_in_pieces_has_none()
    {
        var time = new FakeTime();
        var content = TestImages.Noise(3, Mebibyte);
        var source = new DigestingSource(content, 1e6, time);
        var bounded = new BoundedImageSource(source, new BoundedSourceOptions { TimeProvider = time });
        var bytes = new byte[Mebibyte];
        for (var i = 0; i < 8; i++)
        {
            (await bounded.ReadAsync(Pack, 0, bytes, FetchUrgency.Demand, TestImages.Deadline))
                .Should().Be(Digest.Compute(content));
        }

        source.Reads.Clear();
        bytes.AsSpan().Clear();
        var background = FetchUrgency.Of(FetchPriority.Background);
        (await bounded.ReadAsync(Pack, 0, bytes, background, TestImages.Deadline)).Should().BeNull();
        source.Reads.Should().HaveCountGreaterThan(1);
        bytes.Should().Equal(content);
    }

    private static int HeaderOf(Manifest manifest) => (int)manifest.LocationOf(0).Offset;
}
