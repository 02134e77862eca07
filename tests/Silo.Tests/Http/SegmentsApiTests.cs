using System.Net;
using System.Net.Http.Headers;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>What a silo sends to readers in other processes, and what not.</summary>
public sealed class SegmentsApiTests : IAsyncLifetime
{
    private const int Segment = TestImage.Segment;

    private readonly byte[] _content = Filled(Segment + 1000, seed: 4);
    private TestSilo _silo = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(silos: 2);
        _http = new HttpClient { BaseAddress = _silo.Process.HttpAddress };
        await _silo.ImportAsync("img@1", _content);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _silo.DisposeAsync();
    }

    // A segment comes whole or in part, each time with the checksum of what comes.
    [Theory]
    [InlineData(null, null)]
    [InlineData(0, 0)]
    [InlineData(4096, 69631)]
    [InlineData(Segment - 1, null)]
    public async Task A_segment_comes_with_the_checksum_of_what_is_sent(int? from, int? to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(0, _content.AsSpan(0, Segment)));
        request.Headers.Range = from is null ? null : new RangeHeaderValue(from, to);
        using var answer = await _http.SendAsync(request);

        var expected = _content[(from ?? 0)..((to ?? (Segment - 1)) + 1)];
        answer.StatusCode.Should().Be(from is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent);
        (await answer.Content.ReadAsByteArrayAsync()).Should().Equal(expected);
        answer.Headers.GetValues(SegmentHeaders.Checksum).Should().Equal(
            SegmentHeaders.Write(Crc32C.Compute(expected)));
        answer.Headers.GetValues(SegmentHeaders.Digest).Should().Equal(
            SegmentHeaders.Write(Digest.Compute(_content.AsSpan(0, Segment))));
    }

    // A range that is not there is refused with the segment's length.
    [Fact]
    public async Task A_range_beyond_the_segment_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(1, _content.AsSpan(Segment)));
        request.Headers.Range = new RangeHeaderValue(1000, null);
        using var answer = await _http.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
        answer.Content.Headers.ContentRange!.Length.Should().Be(1000);
    }

    // Content that is resident under another snapshot's name is not given out under this one: a digest is no password.
    [Fact]
    public async Task A_segment_is_given_out_under_its_own_name_only()
    {
        var other = Filled(Segment, seed: 5);
        await _silo.ImportAsync("other@1", other);
        using var own = await _http.GetAsync(PathOf(0, other, "other@1"));
        own.StatusCode.Should().Be(HttpStatusCode.OK);

        using var answer = await _http.GetAsync(PathOf(0, other));
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    // HEAD tells what GET would, and has the segment loaded: once, whoever takes it then.
    [Fact]
    public async Task A_segment_can_be_loaded_without_being_taken()
    {
        var path = PathOf(0, _content.AsSpan(0, Segment));
        using var head = await HeadAsync(path);
        head.StatusCode.Should().Be(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.Should().Be(Segment);
        head.Headers.ETag.Should().NotBeNull();
        (await FetchedAsync()).Should().Be(Segment);

        (await _http.GetByteArrayAsync(path)).Should().Equal(_content[..Segment]);
        (await FetchedAsync()).Should().Be(Segment);
    }

    // A directory has no round trips that a guess would shorten.
    [Fact]
    public async Task A_guess_that_is_not_worth_it_is_refused()
    {
        using var head = await HeadAsync(PathOf(0, _content.AsSpan(0, Segment)), FetchPriority.Guess);
        head.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await FetchedAsync()).Should().Be(0);
    }

    private async Task<HttpResponseMessage> HeadAsync(string path, FetchPriority priority = FetchPriority.Demand)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        request.Headers.Add(SegmentHeaders.Priority, SegmentHeaders.Write(priority));
        request.Headers.Range = new RangeHeaderValue(Segment, null); // means nothing where no bytes are asked for
        return await _http.SendAsync(request);
    }

    private async Task<long> FetchedAsync() => (await _silo.Process.Client.Control.ListNodesAsync(default))
        .Sum(node => node.Origin.BytesFetched);

    private static string PathOf(int number, ReadOnlySpan<byte> bytes, string snapshot = "img@1") =>
        $"{ApiRoutes.Segments}/{new SegmentKey(SnapshotId.Parse(snapshot), number, Digest.Compute(bytes).ToString())}";

    private static byte[] Filled(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
