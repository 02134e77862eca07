using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows silos that read their images from a web server.</summary>
public sealed class HttpCenterTests
{
    private const string Secret = "0123456789abcdef-secret";

    /// <summary>
    /// A disk of such an image reads as the image, each byte is fetched once, and what would change the center is
    /// refused in words; when the server is gone, what was read serves on and a restart still starts.
    /// </summary>
    [Fact]
    public async Task Disks_read_an_image_behind_a_web_server()
    {
        using var directory = new TempDirectory();
        var content = TestImage.Random(24 * TestImage.Segment, seed: 5);
        using (var center = await DirectoryImageCenter.OpenAsync(directory.Path))
        {
            await center.ImportAsync(
                new ImportRequest { Name = "img", Snap = "1", Content = new MemoryStream(content) }, default);
        }

        var server = new StaticFileServer(directory.Path);
        await File.WriteAllTextAsync(directory["token"], Secret);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(directory["token"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var settings = new Dictionary<string, string?>
        {
            ["ImageCenter"] = server.Address.ToString(), ["ImageCenterToken"] = $"file:{directory["token"]}",
        };
        await using var silo = await TestSilo.StartAsync(silos: 2, more: settings);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);
        await using (var client = await silo.ConnectAsync("disk"))
        {
            (await client.ReadAsync(0, content.Length)).AsSpan().SequenceEqual(content).Should().BeTrue();
        }

        var packs = server.Requests.Where(request => request.IsPack).ToArray();
        packs.Sum(request => request.Range!.Value.Last - request.Range.Value.First + 1)
            .Should().Be((long)TestImage.DataSegments(content) * TestImage.Segment);
        packs.Should().AllSatisfy(request => request.Headers["Authorization"].Should().Be($"Bearer {Secret}"));
        (await silo.Api.ListImagesAsync(default)).Should().ContainSingle().Which.Id.ToString().Should().Be("img@1");
        await RefusedAsync(() => silo.ImportAsync("new@1", content), "import new@1");
        await RefusedAsync(
            async () => await silo.Remote.Control.DeleteImageAsync(SnapshotId.Parse("img@2"), false, default), "img@2");

        await server.DisposeAsync();
        await using (var client = await silo.ConnectAsync("disk"))
        {
            (await client.ReadAsync(TestImage.Segment, 4096)).Should()
                .Equal(content[TestImage.Segment..(TestImage.Segment + 4096)]);
        }

        await silo.RestartAsync();
    }

    /// <summary>A source that stalls in the middle of a segment: its reader is told so, by the deadline.</summary>
    [Fact]
    public async Task A_stalled_segment_is_a_time_out()
    {
        using var directory = new TempDirectory();
        var content = new byte[TestImage.Segment];
        new Random(6).NextBytes(content);
        using (var center = await DirectoryImageCenter.OpenAsync(directory.Path))
        {
            await center.ImportAsync(
                new ImportRequest { Name = "img", Snap = "1", Content = new MemoryStream(content) }, default);
        }

        await using var server = new StaticFileServer(directory.Path)
        {
            Fault = request => request.IsPack
                ? new StaticFault { CutAfter = 1000, AtCut = token => Task.Delay(Timeout.Infinite, token) } : null,
        };
        await using var silo = await TestSilo.StartAsync(
            silos: 1, readTimeout: "2",
            more: new Dictionary<string, string?> { ["ImageCenter"] = server.Address.ToString() });
        using var http = new HttpClient { BaseAddress = silo.Process.HttpAddress };
        var key = new SegmentKey(SnapshotId.Parse("img@1"), 0, Digest.Compute(content).ToString());
        using var answer = await http.GetAsync($"{ApiRoutes.Segments}/{key}");
        answer.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
    }

    private static async Task RefusedAsync(Func<Task> act, string says)
    {
        var error = (await act.Should().ThrowAsync<SnapshotGrainsException>()).Which;
        error.Code.Should().BeOneOf(ErrorCode.BadRequest, ErrorCode.NotFound);
        error.Message.Should().Contain(says);
    }
}
