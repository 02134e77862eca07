using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>A directory with an image, a web server over it, and an image center that reads from there.</summary>
internal sealed class HttpCenterFixture : IAsyncDisposable
{
    private readonly TempDirectory _temp = new();

    private HttpCenterFixture()
    {
    }

    public byte[] Content { get; } = TestImages.Disk(11, (9 * TestImages.Segment) + 777);

    public DirectoryImageCenter Directory { get; private set; } = null!;

    public StaticFileServer Server { get; private set; } = null!;

    public HttpImageCenter Center { get; private set; } = null!;

    public Manifest Manifest { get; private set; } = null!;

    public string Root => _temp.Path;

    public PackId Pack => Manifest.Packs[0];

    public string PackFile => Path.Combine(Root, "packs", $"{Pack}.pack");

    public static async Task<HttpCenterFixture> StartAsync(HttpCenterOptions? options = null)
    {
        var fixture = new HttpCenterFixture();
        fixture.Directory = await DirectoryImageCenter.OpenAsync(fixture.Root);
        fixture.Manifest = await fixture.Directory.ImportAsync(
            TestImages.Request(fixture.Content), TestImages.Deadline);
        fixture.Server = new StaticFileServer(fixture.Root);
        fixture.Center = await HttpImageCenter.OpenAsync(
            fixture.Server.Address, options ?? new HttpCenterOptions(), TestImages.Deadline);
        return fixture;
    }

    /// <summary>Reads the first segment of the pack.</summary>
    public async Task<byte[]> ReadAsync(long offset = 0)
    {
        var bytes = new byte[TestImages.Segment];
        await Center.ReadAsync(Pack, offset, bytes, TestImages.Deadline);
        return bytes;
    }

    /// <summary>The error that reading a segment ends with.</summary>
    public async Task<ImageCenterException> FailAsync(long offset = 0)
    {
        var read = async () => await ReadAsync(offset);
        return (await read.Should().ThrowAsync<ImageCenterException>()).Which;
    }

    public async ValueTask DisposeAsync()
    {
        Center.Dispose();
        await Server.DisposeAsync();
        Directory.Dispose();
        _temp.Dispose();
    }
}
