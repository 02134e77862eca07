using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows a disk's bytes over HTTP: whole, in ranges, with where its data is, and what is refused.</summary>
public sealed class DiskContentTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const int Size = 6 * TestImage.Segment;

    private readonly byte[] _content = TestImage.Random(Size);

    [Fact]
    public async Task Without_a_range_all_of_it_comes()
    {
        var silo = await shared.GetAsync(StartAsync);
        using var http = ClientOf(silo);
        using var response = await http.GetAsync("/v1/disks/vm/content");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.AcceptRanges.Should().Equal("bytes");
        response.Content.Headers.ContentLength.Should().Be(Size);
        (await response.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(_content).Should().BeTrue();
        (await silo.Api.GetDiskAsync("vm", default)).State.Should().Be(DiskState.Created, "reading changes nothing");
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=1048575-2097152", 1048575, 1048578)]
    [InlineData("bytes=6291000-9999999", 6291000, 456)]
    [InlineData("bytes=6291000-", 6291000, 456)]
    [InlineData("bytes=-100", Size - 100, 100)]
    [InlineData("bytes=-99999999", 0, Size)]
    public async Task A_range_is_a_part(string range, int offset, int length)
    {
        using var response = await GetAsync(await shared.GetAsync(StartAsync), range);

        response.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        response.Content.Headers.ContentRange.Should()
            .Be(new ContentRangeHeaderValue(offset, offset + length - 1, Size));
        (await response.Content.ReadAsByteArrayAsync()).AsSpan()
            .SequenceEqual(_content.AsSpan(offset, length)).Should().BeTrue();
    }

    [Theory]
    [InlineData("bytes=6291456-", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("bytes=-0", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("bytes=0-1,5-6", HttpStatusCode.BadRequest)]
    public async Task A_range_that_is_not_there_or_not_one_is_refused(string range, HttpStatusCode status)
    {
        using var response = await GetAsync(await shared.GetAsync(StartAsync), range);

        response.StatusCode.Should().Be(status);
        (await response.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options))!.Code.Should().Be(ErrorCode.BadRequest);
        response.Content.Headers.ContentRange?.Length.Should().Be(Size);
    }

    [Fact]
    public async Task Extents_tell_data_from_zeros_and_follow_writes()
    {
        await using var silo = await StartAsync();
        (await silo.Api.GetDiskExtentsAsync("vm", 0, Size, 100, default)).Should().Equal(
            Zero(0, 1), Data(1, 2), Zero(3, 1), Data(4, 2));
        (await silo.Api.GetDiskExtentsAsync("vm", 0, Size, 2, default)).Should().Equal(Zero(0, 1), Data(1, 2));

        await using (var disk = await silo.Remote.OpenDiskAsync("vm"))
        {
            await disk.WriteAsync(0, new byte[] { 1 });
            await disk.WriteZeroesAsync(TestImage.Segment, 2 * TestImage.Segment);
        }

        (await silo.Api.GetDiskExtentsAsync("vm", 0, 4 * TestImage.Segment, 100, default)).Should().Equal(
            new DiskExtent(0, 4096, false), new DiskExtent(4096, (4 * TestImage.Segment) - 4096, true));
    }

    [Theory]
    [InlineData("/v1/disks/vm/extents?offset=-1", ErrorCode.BadRequest)]
    [InlineData("/v1/disks/vm/extents?length=6291457", ErrorCode.BadRequest)]
    [InlineData("/v1/disks/vm/extents?offset=6291456", ErrorCode.BadRequest)]
    [InlineData("/v1/disks/vm/extents?max=0", ErrorCode.BadRequest)]
    [InlineData("/v1/disks/none/extents", ErrorCode.NotFound)]
    [InlineData("/v1/disks/none/content", ErrorCode.NotFound)]
    public async Task What_cannot_be_told_is_refused(string path, ErrorCode code)
    {
        using var http = ClientOf(await shared.GetAsync(StartAsync));

        using var response = await http.GetAsync(path);

        response.IsSuccessStatusCode.Should().BeFalse();
        (await response.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options))!.Code.Should().Be(code);
    }

    [Fact]
    public async Task A_writer_is_not_disturbed_and_its_writes_are_seen()
    {
        await using var silo = await StartAsync();
        await using var disk = await silo.Remote.OpenDiskAsync("vm");
        await disk.WriteAsync(512, new byte[] { 7, 8, 9 });

        using var response = await GetAsync(silo, "bytes=511-515");

        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(0, 7, 8, 9, 0);
        await disk.WriteAsync(512, new byte[] { 1 });
    }

    [Fact]
    public async Task What_cannot_be_read_breaks_off()
    {
        await using var silo = await StartAsync();
        Directory.Delete(silo.Center, recursive: true);

        await using var stream = await silo.Api.OpenDiskContentAsync("vm", 0, 2 * TestImage.Segment, default);
        var read = () => stream.ReadExactlyAsync(new byte[2 * TestImage.Segment]).AsTask();

        (await read.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.SiloUnavailable);
    }

    private static DiskExtent Zero(int segment, int count) =>
        new((long)segment * TestImage.Segment, (long)count * TestImage.Segment, true);

    private static DiskExtent Data(int segment, int count) => Zero(segment, count) with { IsZero = false };

    private static HttpClient ClientOf(TestSilo silo) => new() { BaseAddress = silo.Process.HttpAddress };

    private static async Task<HttpResponseMessage> GetAsync(TestSilo silo, string range)
    {
        using var http = ClientOf(silo);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/disks/vm/content");
        request.Headers.TryAddWithoutValidation("Range", range);
        return await http.SendAsync(request);
    }

    private async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("img@1", _content);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "vm", HydrationMode.None);
        return silo;
    }
}
