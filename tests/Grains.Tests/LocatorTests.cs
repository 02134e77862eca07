using System.Collections.Concurrent;
using Orleans;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows what a reader waits for who has a segment located.</summary>
public sealed class LocatorTests : IAsyncDisposable
{
    private static readonly byte[] Content = [1, 2, 3];
    private readonly Testing.FakeTime _time = new();
    private readonly SegmentCache _cache = new(new SegmentCacheOptions { BudgetBytes = 1 << 20 });
    private readonly SegmentHandOver _place;
    private readonly SegmentExchange _exchange = new();
    private readonly TaskCompletionSource<SegmentLocation> _answer = new();
    private readonly ConcurrentQueue<string> _calls = [];

    public LocatorTests()
    {
        _place = new SegmentHandOver(_cache, _time);
        _exchange.Join("silo", _place);
    }

    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync();
        await _cache.DisposeAsync();
    }

    /// <summary>The grain's answer has a way to go, on which the bytes need not wait.</summary>
    [Fact]
    public async Task What_has_come_here_is_read_before_the_grain_answers()
    {
        var located = LocateAsync();
        located.IsCompleted.Should().BeFalse();
        _place.Keep(await LoadAsync());
        (await located.WaitAsync(TimeSpan.FromSeconds(20))).Bytes!.Release();
        _cache.Statistics.LeasedBytes.Should().Be(0);
    }

    [Fact]
    public async Task What_has_come_elsewhere_is_told_by_the_grain()
    {
        var other = new SegmentLocation("other", new Uri("http://other"));
        _answer.SetResult(other);
        (await LocateAsync()).Should().Be(new LocatedSegment(null, other));
    }

    [Fact]
    public async Task What_was_resident_here_is_taken_when_the_grain_answers()
    {
        (await LoadAsync()).Release();
        _answer.SetResult(new SegmentLocation("silo"));
        (await LocateAsync()).Bytes!.Release();
        _cache.Statistics.LeasedBytes.Should().Be(0);
    }

    [Fact]
    public async Task What_cannot_be_had_is_not_waited_for()
    {
        _answer.SetException(new SnapshotGrainsException(ErrorCode.ImageCorrupt, "The digest differs."));
        (await FluentActions.Awaiting(LocateAsync).Should().ThrowAsync<SnapshotGrainsException>())
            .Which.Code.Should().Be(ErrorCode.ImageCorrupt);
    }

    /// <summary>Each further call keeps it leased for its reader, who has it already; the clock stands still.</summary>
    [Fact]
    public async Task A_hurried_segment_is_not_kept_for_nobody()
    {
        var urgency = FetchUrgency.Of(FetchPriority.Trace);
        var located = LocateAsync(urgency);
        urgency.Raise(FetchPriority.Demand);
        await Testing.Eventually.IsTrueAsync(() => Task.FromResult(_calls.Count == 2), "it is asked for again");
        _place.Keep(await LoadAsync());
        (await located.WaitAsync(TimeSpan.FromSeconds(20))).Bytes!.Release();
        _place.Keep(await LoadAsync());
        _cache.Statistics.LeasedBytes.Should().Be(0);
    }

    private static Digest Name => Digest.Compute(Content);

    private ValueTask<SegmentBuffer> LoadAsync() => _cache.GetOrLoadAsync(
        Name, Content.Length,
        (destination, _) =>
        {
            Content.CopyTo(destination);
            return ValueTask.CompletedTask;
        },
        CancellationToken.None);

    private Task<LocatedSegment> LocateAsync() => LocateAsync(FetchUrgency.Demand);

    private Task<LocatedSegment> LocateAsync(FetchUrgency urgency)
    {
        var grain = Answering<ISegmentGrain>.With(new ValueTask<SegmentLocation>(_answer.Task), _calls);
        var grains = Answering<IGrainFactory>.With(grain);
        var locator = new SegmentLocator(() => grains, _exchange, () => null, _time);
        var key = new SegmentKey(SnapshotId.Parse("image@1"), 0, Name.ToString());
        return locator.LocateAsync(key, Name, urgency, CancellationToken.None).AsTask();
    }
}
