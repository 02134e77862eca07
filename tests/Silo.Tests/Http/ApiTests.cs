using System.Net;
using System.Net.Http.Json;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows the HTTP API: what it returns, its errors, and that a restart loses nothing.</summary>
public sealed class ApiTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task An_image_is_imported_described_listed_and_deleted()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        var content = TestImage.Random(5 * TestImage.Segment + 512);

        var imported = await silo.ImportAsync("debian@12", content);

        imported.Should().BeEquivalentTo(new
        {
            Id = SnapshotId.Parse("debian@12"), SizeBytes = (long)content.Length, SegmentSizeBytes = TestImage.Segment,
            Segments = 6L, ZeroSegments = 2L, DistinctSegments = 4L,
        });
        (await silo.Api.GetImageAsync(imported.Id, None)).Disks.Should().Be(0);
        (await silo.Api.ListImagesAsync(None)).Should().ContainSingle().Which.Id.Should().Be(imported.Id);
        (await silo.Api.DeleteImageAsync(imported.Id, isDeferred: false, None)).Should().Be(0);
        (await silo.Api.ListImagesAsync(None)).Should().BeEmpty();
    }

    [Fact]
    public async Task Disks_survive_a_restart()
    {
        await using var silo = await TestSilo.StartAsync();
        var content = TestImage.Random(2 * TestImage.Segment);
        var id = (await silo.ImportAsync("img@1", content)).Id;
        var names = Enumerable.Range(0, 100).Select(i => $"vm-{i:00}").ToArray();
        var created = await silo.Api.CloneAsync(id, names, HydrationMode.Background, None);
        await silo.Api.DeleteDiskAsync("vm-50", None);

        await silo.RestartAsync();

        (await silo.Api.ListDisksAsync(None)).Should().Equal(created.Where(disk => disk.Name != "vm-50"));
        (await ReadAllAsync(silo, "vm-99")).Should().Equal(content);
    }

    [Fact]
    public async Task A_client_in_another_process_reads_over_HTTP()
    {
        await using var silo = await TestSilo.StartAsync();
        var content = TestImage.Random(7 * TestImage.Segment + 1);
        await silo.Remote.CloneAsync((await silo.ImportAsync("img@1", content)).Id, "vm");

        (await ReadAllAsync(silo, "vm")).Should().Equal(content);
    }

    [Fact]
    public async Task Status_counts_every_segment_once()
    {
        await using var silo = await TestSilo.StartAsync();
        var content = TestImage.Random(9 * TestImage.Segment);
        await silo.Remote.CloneAsync((await silo.ImportAsync("img@1", content)).Id, "vm", HydrationMode.None);
        await ReadAllAsync(silo, "vm");

        var status = await silo.Api.GetStatusAsync(None);

        status.Engine.Should().Be(SiloProcess.Engine);
        status.Should().BeEquivalentTo(new { Images = 1, Disks = 1 });
        status.Nodes.Select(node => node.Name).Should().Equal("silo-0", "silo-1", "silo-2");
        status.Nodes.Sum(node => node.Origin.SegmentsFetched).Should().Be(TestImage.DataSegments(content));
        status.Reads.OriginAmplification.Should().Be(1.0);
    }

    [Theory]
    [InlineData("GET", "/v1/images/no@such", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("GET", "/v1/images/nosnap", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    [InlineData("GET", "/v1/disks/none", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("DELETE", "/v1/disks/none", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("GET", "/v1/segments/x", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    [InlineData("PUT", "/v1/images/a@b?segmentSizeBytes=1000", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    [InlineData("PUT", "/v1/disks/vm", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    [InlineData("PATCH", "/v1/nothing", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("POST", "/v1/nodes/none/stop", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("POST", "/v1/nodes/silo-0/stop", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    public async Task Errors_are_problem_details(string method, string path, HttpStatusCode status, ErrorCode code)
    {
        var silo = await shared.GetAsync(() => TestSilo.StartAsync(silos: 1));
        using var http = new HttpClient { BaseAddress = silo.Process.HttpAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "PUT")
        {
            request.Content = new StringContent("{", null, "application/json");
        }

        using var response = await http.SendAsync(request);

        response.StatusCode.Should().Be(status);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        var problem = await response.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options);
        problem!.Code.Should().Be(code);
        problem.Detail.Should().NotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("PUT", "/v1/disks/vm", "{}")]
    [InlineData("PUT", "/v1/disks/vm", """{"snapshot": "nosnap"}""")]
    [InlineData("POST", "/v1/disks", """{"snapshot": "a@b"}""")]
    [InlineData("POST", "/v1/disks", """{"snapshot": "a@b", "names": null}""")]
    [InlineData("POST", "/v1/disks", """{"snapshot": null, "names": ["x"]}""")]
    public async Task A_body_that_lacks_something_is_a_bad_request(string method, string path, string body)
    {
        var silo = await shared.GetAsync(() => TestSilo.StartAsync(silos: 1));
        using var http = new HttpClient { BaseAddress = silo.Process.HttpAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = new StringContent(body, null, "application/json"),
        };

        using var response = await http.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Health_says_live_and_ready()
    {
        var silo = await shared.GetAsync(() => TestSilo.StartAsync(silos: 1));
        using var http = new HttpClient { BaseAddress = silo.Process.HttpAddress };

        (await http.GetStringAsync("/healthz/live")).Should().Be("live");
        (await http.GetStringAsync("/healthz/ready")).Should().Be("ready");
    }

    [Fact]
    public async Task A_given_up_import_leaves_nothing()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        using var cancel = new CancellationTokenSource();
        var content = new StallingContent(3 * TestImage.Segment, cancel);

        await FluentActions.Awaiting(() => silo.Api.ImportImageAsync(
            SnapshotId.Parse("img@1"), content, null, cancel.Token)).Should().ThrowAsync<OperationCanceledException>();

        (await silo.Api.ListImagesAsync(None)).Should().BeEmpty();
        await silo.ImportAsync("img@1", TestImage.Random(1000));
    }

    private static async Task<byte[]> ReadAllAsync(TestSilo silo, string disk)
    {
        await using var stream = (await silo.Remote.OpenDiskAsync(disk)).OpenStream();
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    /// <summary>Sends half of what it promises, then is cancelled.</summary>
    private sealed class StallingContent(int length, CancellationTokenSource cancel) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(TestImage.Random(length / 2), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await cancel.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long promised)
        {
            promised = length;
            return true;
        }
    }
}
