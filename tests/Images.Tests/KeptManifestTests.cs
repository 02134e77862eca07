using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>
/// Shows that manifests outlive the process and the source's answers, that a damaged one is none, and that they keep
/// within their limit.
/// </summary>
public sealed class KeptManifestTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTime _time = new();
    private DirectoryImageCenter _center = null!;
    private FaultyImageSource _source = null!;

    private string Kept => _directory["kept"];

    public async Task InitializeAsync()
    {
        _center = await DirectoryImageCenter.OpenAsync(_directory["center"]);
        _source = new FaultyImageSource(_center, seed: 1);
        for (var image = 1; image <= 4; image++)
        {
            await ImportAsync($"img{image}@1", image);
        }
    }

    public Task DisposeAsync()
    {
        _center.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_manifest_that_was_read_is_given_while_the_source_is_down()
    {
        var read = await Open().GetManifestAsync("img1", "1", default);
        _source.IsDown = true;

        var again = await Open().GetManifestAsync("img1", "1", default);

        again.Map.DigestOf(0).Should().Be(read.Map.DigestOf(0));
        again.LocationOf(0).Should().Be(read.LocationOf(0));
        await FailsAsync("img2", ImageErrorCode.Unavailable);
    }

    /// <summary>The source says that there is none: then there is none, also when it is silent again.</summary>
    [Fact]
    public async Task A_deleted_image_is_forgotten()
    {
        await Open().GetManifestAsync("img1", "1", default);
        await _center.DeleteAsync("img1", "1", default);
        await FailsAsync("img1", ImageErrorCode.NotFound);
        _source.IsDown = true;

        await FailsAsync("img1", ImageErrorCode.Unavailable);
    }

    [Fact]
    public async Task An_image_that_was_imported_anew_replaces_the_one_before()
    {
        await Open().GetManifestAsync("img1", "1", default);
        await _center.DeleteAsync("img1", "1", default);
        await ImportAsync("img1@1", 9);
        var read = await Open().GetManifestAsync("img1", "1", default);
        _source.IsDown = true;

        (await Open().GetManifestAsync("img1", "1", default)).Map.DigestOf(0).Should().Be(read.Map.DigestOf(0));
    }

    [Fact]
    public async Task A_damaged_manifest_is_none()
    {
        await Open().GetManifestAsync("img1", "1", default);
        _source.IsDown = true;
        var file = Path.Combine(Kept, "img1@1.manifest");
        var bytes = await File.ReadAllBytesAsync(file);
        for (var at = 0; at < bytes.Length; at += 7)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            await File.WriteAllBytesAsync(file, changed);
            await FailsAsync("img1", ImageErrorCode.Unavailable);
        }

        await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)]);
        await FailsAsync("img1", ImageErrorCode.Unavailable);
    }

    /// <summary>A directory's block and two files of one block each: the third takes the place of the first.</summary>
    [Fact]
    public async Task The_limit_holds_and_those_written_first_make_room()
    {
        var source = Open(3 * 4096);
        for (var image = 1; image <= 4; image++)
        {
            await source.GetManifestAsync($"img{image}", "1", default);
            Directory.GetFiles(Kept).Should().HaveCountLessThanOrEqualTo(2);
        }

        _source.IsDown = true;
        (await source.GetManifestAsync("img4", "1", default)).Name.Should().Be("img4");
        (await Open(4096).GetManifestAsync("img4", "1", default)).Name.Should().Be("img4");
        new ManifestStore(_directory["none"], 4096).Keep(await source.GetManifestAsync("img4", "1", default))
            .Should().BeFalse();
    }

    /// <summary>A source that hangs is given up before the readers of the manifest give up.</summary>
    [Fact]
    public async Task A_source_that_hangs_is_not_waited_for()
    {
        await Open().GetManifestAsync("img1", "1", default);
        var hanging = new KeptManifestSource(new HangingSource(), new ManifestStore(Kept, 1 << 20), _time);

        var kept = hanging.GetManifestAsync("img1", "1", default).AsTask();
        var missing = hanging.GetManifestAsync("img2", "1", default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(5));

        (await kept).Name.Should().Be("img1");
        (await missing.Awaiting(task => task).Should().ThrowAsync<ImageCenterException>())
            .Which.Code.Should().Be(ImageErrorCode.Timeout);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_costs_nothing()
    {
        await File.WriteAllTextAsync(Kept, "a file");

        (await Open().GetManifestAsync("img1", "1", default)).Name.Should().Be("img1");
    }

    private Task<SnapshotId> ImportAsync(string id, int seed)
    {
        var content = new byte[3 << 20];
        new Random(seed).NextBytes(content);
        return _center.ImportAsync(id, content, 1 << 20);
    }

    private KeptManifestSource Open(long limitBytes = 1 << 20) =>
        new(_source, new ManifestStore(Kept, limitBytes), _time);

    private async Task FailsAsync(string name, ImageErrorCode code)
    {
        var read = async () => await Open().GetManifestAsync(name, "1", default);
        (await read.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(code);
    }

    private sealed class HangingSource : IImageSource
    {
        public async ValueTask<Manifest> GetManifestAsync(
            string name, string snap, CancellationToken cancellationToken) =>
            await new TaskCompletionSource<Manifest>().Task;

        public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask ReadAsync(
            PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
