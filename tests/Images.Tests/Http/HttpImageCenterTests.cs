using System.Net.Http.Headers;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that an image center behind a web server is read like its directory, and changed by nobody.</summary>
public sealed class HttpImageCenterTests
{
    /// <summary>Listing, manifests and content are those of the directory; connections are used again.</summary>
    [Fact]
    public async Task It_reads_what_the_directory_holds()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        await http.Directory.ImportAsync(TestImages.Request(http.Content, "other", "v2"), TestImages.Deadline);
        (await ListAsync(http.Center)).Should().BeEquivalentTo(await ListAsync(http.Directory));
        var manifest = await http.Center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        manifest.Map.ContentEquals(http.Manifest.Map).Should().BeTrue();
        (await TestImages.ReadAllAsync(http.Center, manifest)).Should().Equal(http.Content);
        http.Server.Requests.Count.Should().BeGreaterThan(6);
        http.Server.Connections.Should().BeLessThanOrEqualTo(3);
    }

    /// <summary>A manifest that is in use is not sent again while it is the same.</summary>
    [Fact]
    public async Task A_known_manifest_is_only_confirmed()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var first = await http.Center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await http.Center.GetManifestAsync("disk", "v1", TestImages.Deadline)).Should().BeSameAs(first);
        await http.Directory.DeleteAsync("disk", "v1", TestImages.Deadline);
        await http.Directory.ImportAsync(
            TestImages.Request(TestImages.Noise(3, 2 * TestImages.Segment)), TestImages.Deadline);
        var second = await http.Center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        second.Map.ContentEquals(first.Map).Should().BeFalse();
    }

    /// <summary>Import and deletion end with an error that says why, and where to do it.</summary>
    [Fact]
    public async Task It_can_only_be_read()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var import = async () => await http.Center.ImportAsync(TestImages.Request([1]), TestImages.Deadline);
        var delete = async () => await http.Center.DeleteAsync("disk", "v1", TestImages.Deadline);
        foreach (var act in new[] { () => import(), async () => await delete() })
        {
            var error = (await act.Should().ThrowAsync<ImageCenterException>()).Which;
            error.Code.Should().Be(ImageErrorCode.ReadOnly);
            error.Message.Should().Contain("disk@v1").And.Contain("do it where its directory is");
        }
    }

    /// <summary>What is not there is told apart from an image center that is not there.</summary>
    [Fact]
    public async Task What_is_missing_is_named()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        (await FailAsync(http.Center, "nobody")).Code.Should().Be(ImageErrorCode.NotFound);
        File.Move(http.PackFile, http.PackFile + ".away");
        (await http.FailAsync()).Code.Should().Be(ImageErrorCode.NotFound);
        File.Delete(Path.Combine(http.Root, "center.json"));
        (await http.FailAsync()).Code.Should().Be(ImageErrorCode.Unavailable);
        (await FailAsync(http.Center, "nobody")).Code.Should().Be(ImageErrorCode.Unavailable);
        var open = () => HttpImageCenter.OpenAsync(
            http.Server.Address, new HttpCenterOptions(), TestImages.Deadline);
        (await open.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.NotFound);
    }

    /// <summary>A center that is down when it is opened is used as soon as it is up.</summary>
    [Fact]
    public async Task One_that_is_down_is_opened_on_trust()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        http.Server.Fault = _ => new StaticFault { Status = 503 };
        using var center = await HttpImageCenter.OpenAsync(
            http.Server.Address, new HttpCenterOptions(), TestImages.Deadline);
        (await FailAsync(center, "disk")).Code.Should().Be(ImageErrorCode.Unavailable);
        http.Server.Fault = _ => null;
        var manifest = await center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(center, manifest)).Should().Equal(http.Content);
    }

    /// <summary>The token is shown to the server and to nobody else.</summary>
    [Fact]
    public async Task The_token_is_shown_and_never_told()
    {
        const string Secret = "0123456789-very-secret";
        await using var http = await HttpCenterFixture.StartAsync(new HttpCenterOptions
        {
            Authorization = new AuthenticationHeaderValue("Bearer", Secret),
        });
        await http.ReadAsync();
        http.Server.Requests.Should().AllSatisfy(
            request => request.Headers["Authorization"].Should().Be($"Bearer {Secret}"));
        http.Server.Fault = _ => new StaticFault { Status = 401 };
        var error = await http.FailAsync();
        error.Code.Should().Be(ImageErrorCode.Forbidden);
        error.ToString().Should().NotContain(Secret);
    }

    /// <summary>
    /// The index is made of the directory whenever something changes or opens it, so a crash that left it old, or a
    /// center from before there was one, is mended.
    /// </summary>
    [Fact]
    public async Task The_index_follows_the_directory()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var index = Path.Combine(http.Root, "index.json");
        await http.Directory.ImportAsync(TestImages.Request([1, 2], "a", "b"), TestImages.Deadline);
        (await NamesAsync(http.Center)).Should().BeEquivalentTo("disk@v1", "a@b");
        await http.Directory.DeleteAsync("a", "b", TestImages.Deadline);
        (await NamesAsync(http.Center)).Should().BeEquivalentTo("disk@v1");
        File.Delete(index);
        await File.WriteAllTextAsync(Path.Combine(http.Root, ".index.json.1.tmp"), "half");
        var list = async () => await NamesAsync(http.Center);
        (await list.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.NotFound);
        (await DirectoryImageCenter.OpenAsync(http.Root)).Dispose();
        (await NamesAsync(http.Center)).Should().BeEquivalentTo("disk@v1");
        Directory.EnumerateFiles(http.Root, "*.tmp").Should().BeEmpty();
        await File.WriteAllTextAsync(index, "{\"format\":\"other\"}");
        (await list.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.Corrupt);
    }

    private static async Task<List<ImageSummary>> ListAsync(IImageSource center)
    {
        var images = new List<ImageSummary>();
        await foreach (var image in center.ListAsync(TestImages.Deadline))
        {
            images.Add(image);
        }

        return images;
    }

    private static async Task<IEnumerable<string>> NamesAsync(IImageSource center) =>
        (await ListAsync(center)).Select(image => $"{image.Name}@{image.Snap}");

    private static async Task<ImageCenterException> FailAsync(IImageSource center, string name)
    {
        var get = async () => await center.GetManifestAsync(name, "v1", TestImages.Deadline);
        return (await get.Should().ThrowAsync<ImageCenterException>()).Which;
    }
}
