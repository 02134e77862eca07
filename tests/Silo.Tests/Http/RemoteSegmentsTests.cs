using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>How a reader finds its way to a segment when silos are gone, are asked in error or send damaged bytes.
/// </summary>
public sealed class RemoteSegmentsTests : IAsyncDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];

    private readonly Digest _digest = Digest.Compute(Content);
    private readonly SegmentKey _key = new(SnapshotId.Parse("img@1"), 3, Digest.Compute(Content).ToString());
    private readonly FakeNodes _nodes = new();
    private readonly SegmentCache _cache = new(new SegmentCacheOptions { BudgetBytes = 1 << 20 });
    private readonly RemoteSegments _segments;
    private readonly string _owner;

    public RemoteSegmentsTests()
    {
        var directory = new NodeDirectory(_nodes.ListAsync, TimeProvider.System);
        _segments = new RemoteSegments(new HttpClient(_nodes), directory, _cache, TimeProvider.System);
        _owner = _nodes.OwnerOf(_key);
    }

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    // The owner is computed, so a segment that is where it belongs costs one request.
    [Fact]
    public async Task The_owner_is_asked_at_once()
    {
        _nodes.Answer = request => FakeNodes.Bytes(Content);
        await FetchAsync();
        _nodes.Asked.Should().Equal(_owner);
    }

    // A silo that was asked in error says who has the segment, and that one is asked.
    [Fact]
    public async Task A_reader_goes_where_it_is_sent()
    {
        var other = FakeNodes.Names.First(name => name != _owner);
        _nodes.Answer = request => _nodes.NameOf(request) == other
            ? FakeNodes.Bytes(Content) : FakeNodes.MovedTo(other);
        await FetchAsync();
        _nodes.Asked.Should().Equal(_owner, other);
    }

    // A silo whose segment too many want says who has a copy; that one is told of what.
    [Fact]
    public async Task A_reader_takes_a_copy_where_it_is_sent()
    {
        var other = FakeNodes.Names.First(name => name != _owner);
        _nodes.Answer = request => _nodes.NameOf(request) == other
            ? FakeNodes.Bytes(Content) : FakeNodes.CopyAt(other, _owner);
        await FetchAsync();
        _nodes.Asked.Should().Equal(_owner, other);
        _nodes.LastCopyOf.Should().Be(_owner);
    }

    // Who was to have a copy and is dead costs one try: the owner is told of it, and sends the reader elsewhere.
    [Fact]
    public async Task A_dead_holder_of_a_copy_is_named_to_the_owner()
    {
        var dead = FakeNodes.Names.First(name => name != _owner);
        _nodes.Answer = request => _nodes.NameOf(request) == dead
            ? throw new HttpRequestException(HttpRequestError.ConnectionError)
            : request.Headers.Contains(SegmentHeaders.InsteadOf) ? FakeNodes.Bytes(Content)
            : FakeNodes.CopyAt(dead, _owner);
        await FetchAsync();
        _nodes.Asked.Should().Equal(_owner, dead, _owner);
        _nodes.LastInsteadOf.Should().Be(dead);
    }

    // When the owner refuses the connection, the silo that takes its place is asked, and told of whom.
    [Fact]
    public async Task The_heir_of_a_dead_owner_is_asked_at_once()
    {
        _nodes.Answer = request => _nodes.NameOf(request) == _owner
            ? throw new HttpRequestException(HttpRequestError.ConnectionError) : FakeNodes.Bytes(Content);
        await FetchAsync();
        _nodes.Asked.Should().HaveCount(2).And.StartWith(_owner);
        _nodes.Asked[1].Should().Be(_nodes.OwnerOf(_key, without: _owner));
        _nodes.LastInsteadOf.Should().Be(_owner);
    }

    // Bytes that are not those that were sent never reach the reader: they are fetched again.
    [Fact]
    public async Task Damaged_bytes_are_fetched_again()
    {
        var isFirst = true;
        _nodes.Answer = _ =>
        {
            var damaged = Content.ToArray();
            damaged[77] ^= (byte)(isFirst ? 4 : 0);
            isFirst = false;
            return FakeNodes.Bytes(damaged, Crc32C.Compute(Content));
        };
        await FetchAsync();
        _nodes.Asked.Should().HaveCount(2);
    }

    // While nobody answers the reader tries on, with pauses, and ends by its deadline.
    [Fact]
    public async Task A_reader_gives_up_by_its_deadline()
    {
        _nodes.Answer = _ => throw new HttpRequestException(HttpRequestError.ConnectionError);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var fetch = async () => await FetchAsync(deadline.Token);
        await fetch.Should().ThrowAsync<OperationCanceledException>();
        _nodes.Asked.Count.Should().BeLessThan(60, "it pauses when there is nobody left to ask");
    }

    // A guess is loaded by whoever owns the segment, wherever that is; its bytes stay there.
    [Fact]
    public async Task A_guess_takes_no_bytes()
    {
        var other = FakeNodes.Names.First(name => name != _owner);
        _nodes.Answer = request => request.Method != HttpMethod.Head ? throw new NotSupportedException()
            : _nodes.NameOf(request) == other ? new HttpResponseMessage(HttpStatusCode.OK) : FakeNodes.MovedTo(other);
        (await PrepareAsync()).Should().BeTrue();
        _nodes.Asked.Should().Equal(_owner, other);
        _cache.Contains(_digest).Should().BeFalse();
    }

    // Nobody waits for a guess: who refuses it, or is gone, is not asked again.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_guess_is_tried_once(bool isRefused)
    {
        _nodes.Answer = _ => isRefused ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
            : throw new HttpRequestException(HttpRequestError.ConnectionError);
        (await PrepareAsync()).Should().BeFalse();
        _nodes.Asked.Should().Equal(_owner);
    }

    // What is here need not be asked for.
    [Fact]
    public async Task A_guess_at_what_is_here_asks_nobody()
    {
        _nodes.Answer = _ => FakeNodes.Bytes(Content);
        (await _segments.LeaseAsync(_key, _digest, Content.Length, null, FetchUrgency.Demand, default)).Release();
        (await PrepareAsync()).Should().BeNull();
        _nodes.Asked.Should().Equal(_owner);
    }

    private async Task<bool?> PrepareAsync() => await _segments.PrepareAsync(_key, _digest, default);

    private async Task FetchAsync(CancellationToken cancellationToken = default)
    {
        var bytes = new byte[Content.Length];
        await _segments.FetchAsync(_key, hint: null, bytes, FetchUrgency.Demand, cancellationToken);
        bytes.Should().Equal(Content);
    }
}
