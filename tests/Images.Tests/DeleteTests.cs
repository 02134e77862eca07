using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that deletion frees what nobody else uses, and only that.</summary>
public sealed class DeleteTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>An image that shares another's packs survives it; the packs go with their last user.</summary>
    [Fact]
    public async Task Shared_packs_go_with_their_last_user()
    {
        var content = TestImages.Disk(1, 9 * TestImages.Segment);
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        await center.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        byte[] more = [.. content, 1];
        var second = await center.ImportAsync(TestImages.Request(more, snap: "v2"), TestImages.Deadline);
        Directory.GetFiles(_directory["packs"]).Should().HaveCount(2);

        await center.DeleteAsync("disk", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(center, second)).Should().Equal(more);
        var read = async () => await center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await read.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.NotFound);

        await center.DeleteAsync("disk", "v2", TestImages.Deadline);
        Directory.GetFiles(_directory["packs"]).Should().BeEmpty();
        Directory.GetFileSystemEntries(_directory["images"]).Should().BeEmpty();
        var again = async () => await center.DeleteAsync("disk", "v2", TestImages.Deadline);
        (await again.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.NotFound);
    }

    /// <summary>Importing again after another center deleted the packs does not rely on files that are gone.</summary>
    [Fact]
    public async Task An_import_does_not_share_what_another_center_deleted()
    {
        var content = TestImages.Disk(2, 9 * TestImages.Segment);
        using var one = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var first = await one.ImportAsync(TestImages.Request(content), TestImages.Deadline);
        await TestImages.ReadAllAsync(one, first);
        using var two = await DirectoryImageCenter.OpenAsync(_directory.Path);
        await two.DeleteAsync("disk", "v1", TestImages.Deadline);

        await one.ImportAsync(TestImages.Request(content, "again"), TestImages.Deadline);
        using var fresh = await DirectoryImageCenter.OpenAsync(_directory.Path);
        var manifest = await fresh.GetManifestAsync("again", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(fresh, manifest)).Should().Equal(content);
    }

    /// <summary>While a manifest cannot be read no pack is removed: it might be one that this image needs.</summary>
    [Fact]
    public async Task A_damaged_manifest_protects_all_packs()
    {
        using var center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        await center.ImportAsync(TestImages.Request(TestImages.Noise(1, 1000), "a"), TestImages.Deadline);
        await center.ImportAsync(TestImages.Request(TestImages.Noise(2, 1000), "b"), TestImages.Deadline);
        var path = _directory["images", "a", "v1.manifest"];
        var good = File.ReadAllBytes(path);
        File.WriteAllBytes(path, good[..30]);
        await center.DeleteAsync("b", "v1", TestImages.Deadline);
        Directory.GetFiles(_directory["packs"]).Should().HaveCount(2);

        File.WriteAllBytes(path, good);
        using var reopened = await DirectoryImageCenter.OpenAsync(_directory.Path);
        Directory.GetFiles(_directory["packs"]).Should().HaveCount(1);
        var manifest = await reopened.GetManifestAsync("a", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(reopened, manifest)).Should().Equal(TestImages.Noise(1, 1000));
    }
}
