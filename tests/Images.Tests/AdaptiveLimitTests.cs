using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that the number of requests follows what a source does, in simulated time.</summary>
public sealed class AdaptiveLimitTests
{
    private const int Bytes = 1 << 20;
    private const double Fast = 250e6;
    private const double Slow = 2e6;

    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(50);

    private readonly FakeTime _time = new();

    /// <summary>A source that swings is filled when it is fast, left alone when it is slow, and filled again.</summary>
    [Fact]
    public void It_follows_a_source_that_swings()
    {
        var limit = new AdaptiveLimit(2, 64, _time);
        for (var swing = 0; swing < 3; swing++)
        {
            Run(limit, Fast, epochs: 60).Should().BeGreaterThan(0.6 * Fast);
            limit.Requests.Should().BeInRange(8, 64);
            limit.BytesPerSecond.Should().BeGreaterThan(0.5 * Fast);
            Run(limit, Slow, epochs: 120).Should().BeGreaterThan(0.8 * Slow);
            limit.Requests.Should().BeLessThanOrEqualTo(6);
            limit.BytesPerSecond.Should().BeLessThan(1.5 * Slow);
        }
    }

    /// <summary>A source without latency needs no more than a few; one that fails gets the least.</summary>
    [Fact]
    public void It_asks_for_no_more_than_helps()
    {
        var limit = new AdaptiveLimit(2, 64, _time);
        for (var i = 0; i < 200; i++)
        {
            Step(limit, TimeSpan.FromTicks(1), Fast, Bytes);
        }

        limit.Requests.Should().BeLessThanOrEqualTo(6);
        for (var i = 0; i < 20; i++)
        {
            Step(limit, Latency, Fast, bytes: 0);
        }

        limit.Requests.Should().BeLessThanOrEqualTo(3);
    }

    private double Run(AdaptiveLimit limit, double bytesPerSecond, int epochs)
    {
        var rate = 0.0;
        for (var i = 0; i < epochs; i++)
        {
            rate = Step(limit, Latency, bytesPerSecond, Bytes);
        }

        return rate;
    }

    /// <summary>As many requests as are allowed, all at once.</summary>
    private double Step(AdaptiveLimit limit, TimeSpan latency, double bytesPerSecond, long bytes)
    {
        var requests = limit.Requests;
        var started = _time.Now;
        var at = _time.GetTimestamp();
        for (var i = 0; i < requests; i++)
        {
            limit.Started();
            limit.Reached();
        }

        _time.Advance(latency + TimeSpan.FromSeconds(requests * Bytes / bytesPerSecond));
        for (var i = 0; i < requests; i++)
        {
            limit.Ended(bytes, at);
        }

        return requests * bytes / (_time.Now - started).TotalSeconds;
    }
}
