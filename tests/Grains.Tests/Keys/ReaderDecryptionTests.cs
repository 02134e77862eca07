using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests.Keys;

/// <summary>Shows that a reader makes plain segments of ciphertext, in whatever memory there is.</summary>
public sealed class ReaderDecryptionTests : IAsyncDisposable
{
    private const int Segment = SegmentMap.MinSegmentSizeBytes;
    private const int Segments = 32;

    private static readonly ReplicaId Plain = new(
        SnapshotId.Parse("image@1"), new StripeFormat(Segment, Segment, 1));

    private readonly byte[] _content = new byte[Segments * Segment];
    private readonly KeyRef _name = new("tenant", Guid.NewGuid());
    private readonly DataKey _key;
    private readonly SegmentCache _cache = new(
        new SegmentCacheOptions { BudgetBytes = 4 * Segment, SegmentSizeBytes = Segment });

    private readonly ReplicaMap _map;
    private readonly Ciphertext _source;

    public ReaderDecryptionTests()
    {
        new Random(5).NextBytes(_content);
        var xts = new AesXts(_content.AsSpan(0, AesXts.KeyBytes));
        _key = new DataKey(_name, xts);
        var bytes = new byte[_content.Length];
        xts.Encrypt(_content, bytes, 0);
        _source = new Ciphertext(bytes, Segment, _cache);
        _map = new ReplicaMap(
            _source.Map, new StripeLayout(Segment, Segment, 1, _content.Length), "image@1", _name.Id, Guid.Empty);
    }

    public async ValueTask DisposeAsync() => await _cache.DisposeAsync();

    /// <summary>The cache holds four segments, and what they are made of.</summary>
    [Fact]
    public async Task Many_readers_do_not_starve_each_other()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var plane = Over((_, _) => ValueTask.FromResult(_key));
        await Task.WhenAll(Enumerable.Range(0, Segments).Select(
            n => ReadAsync(plane, n, FetchUrgency.Of(FetchPriority.Demand), deadline.Token)));
        _cache.Statistics.LeasedBytes.Should().Be(0);
    }

    [Fact]
    public async Task A_key_is_asked_for_again_while_nobody_answers()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var asked = 0;
        var plane = Over((_, _) => asked++ > 0
            ? ValueTask.FromResult(_key)
            : throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "It restarts."));
        await ReadAsync(plane, 3, FetchUrgency.Demand, deadline.Token);
        asked.Should().Be(2);
    }

    [Fact]
    public async Task Without_the_key_nothing_is_read()
    {
        var plane = Over((_, _) => throw new SnapshotGrainsException(ErrorCode.KeyUnavailable, "It was revoked."));
        var read = () => ReadAsync(plane, 3, FetchUrgency.Demand, CancellationToken.None);
        (await read.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.KeyUnavailable);
    }

    private IDataPlane Over(Func<KeyRef, CancellationToken, ValueTask<DataKey>> keys) =>
        new ReaderDecryption(_cache, keys, TimeProvider.System).Over(_source, Plain, _map, _name);

    private async Task ReadAsync(IDataPlane plane, int n, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var digest = _map.Map.DigestOf(n);
        var segment = await plane.LeaseAsync(
            new SegmentKey(Plain, n, digest.ToString(), _map.PlacementOf(n).ToString()), digest, Segment, urgency,
            cancellationToken);
        segment.Span.SequenceEqual(_content.AsSpan(n * Segment, Segment)).Should().BeTrue();
        segment.Release();
    }
}
