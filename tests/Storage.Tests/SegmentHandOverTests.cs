using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that a located segment reaches its readers, each lease one of them, and stays leased for nobody.
/// </summary>
public sealed class SegmentHandOverTests : IAsyncDisposable
{
    private readonly FakeTime _time = new();
    private readonly SegmentCache _cache = TestSegments.NewCache(10 * TestSegments.Page);
    private readonly SegmentHandOver _place;

    public SegmentHandOverTests() => _place = new SegmentHandOver(_cache, _time);

    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync();
        await _cache.DisposeAsync();
    }

    [Fact]
    public async Task Who_claims_a_segment_is_given_it()
    {
        using var claim = Claim();
        claim.TryTake(out _).Should().BeFalse();
        await KeepAsync();
        await claim.Given.WaitAsync(TestSegments.Deadline);
        claim.TryTake(out var bytes).Should().BeTrue();
        TestSegments.IsMarked(bytes!.Span, 1).Should().BeTrue();
        claim.TryTake(out _).Should().BeFalse("it is given once");
        bytes.Release();
        Leased.Should().Be(0);
    }

    [Fact]
    public async Task Another_segment_is_not_given()
    {
        using var claim = Claim();
        await KeepAsync(2);
        claim.Given.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Each_lease_serves_one_claim_and_the_first_is_first()
    {
        using var first = Claim();
        using var second = Claim();
        await KeepAsync();
        (first.Given.IsCompleted, second.Given.IsCompleted).Should().Be((true, false));
        await KeepAsync();
        second.Given.IsCompleted.Should().BeTrue();
    }

    /// <summary>Who hurries a load has the segment located once more, and reads it once.</summary>
    [Fact]
    public async Task What_further_calls_bring_is_let_go()
    {
        var calls = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        var claim = Claim();
        Array.ForEach(calls, call => claim.Follow(call.Task));
        await KeepAsync();
        claim.TryTake(out var bytes).Should().BeTrue();
        bytes!.Release();
        claim.Dispose();
        calls[0].SetResult();
        await KeepAsync();
        Leased.Should().Be(0, "the second call brought it, and nobody waits");
        calls[1].SetResult();
        await KeepAsync();
        Leased.Should().Be(TestSegments.Page, "it is somebody else's");
    }

    [Fact]
    public async Task What_one_has_left_another_is_given()
    {
        var call = new TaskCompletionSource();
        var gone = Claim();
        gone.Follow(call.Task);
        gone.Dispose();
        using var claim = Claim();
        await KeepAsync();
        claim.Given.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task What_was_given_and_not_taken_is_let_go()
    {
        using (Claim())
        {
            await KeepAsync();
            Leased.Should().Be(TestSegments.Page);
        }

        Leased.Should().Be(0);
    }

    [Fact]
    public async Task Who_has_left_is_given_nothing()
    {
        var claim = Claim();
        claim.Dispose();
        await KeepAsync();
        claim.Given.IsCompleted.Should().BeFalse();
        Leased.Should().Be(TestSegments.Page, "it is kept for whoever located it");
    }

    [Fact]
    public async Task A_claim_at_two_silos_is_given_one_lease()
    {
        await using var other = new SegmentHandOver(_cache, _time);
        using var claim = new SegmentClaim(TestSegments.NameOfOne, [_place, other]);
        await KeepAsync();
        other.Keep(await _cache.GetAsync(1));
        claim.TryTake(out var bytes).Should().BeTrue();
        bytes!.Release();
        Leased.Should().Be(TestSegments.Page, "the other silo's is kept for its reader");
        other.TryTake(TestSegments.NameOfOne, out bytes).Should().BeTrue();
        bytes!.Release();
        Leased.Should().Be(0);
    }

    [Fact]
    public async Task What_nobody_takes_is_kept_for_a_moment()
    {
        await KeepAsync();
        Leased.Should().Be(TestSegments.Page);
        while (Leased > 0)
        {
            // The sweeper waits on the pool between its ticks.
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(5, TestSegments.Deadline);
        }
    }

    /// <summary>Whoever comes and goes meanwhile, every lease ends.</summary>
    [Fact]
    public async Task Claims_and_leases_may_race()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() => ReadAsync(new Random(seed)))));
        await _place.DisposeAsync();
        Leased.Should().Be(0);
    }

    private long Leased => _cache.Statistics.LeasedBytes;

    private async Task ReadAsync(Random random)
    {
        for (var i = 0; i < 2000; i++)
        {
            using var claim = Claim();
            if (random.Next(4) > 0)
            {
                await KeepAsync();
            }

            if (random.Next(2) == 0 && claim.TryTake(out var bytes))
            {
                bytes.Release();
            }
        }
    }

    private SegmentClaim Claim() => new(TestSegments.NameOfOne, [_place]);

    private async Task KeepAsync(int number = 1) => _place.Keep(await _cache.GetAsync(number));
}
