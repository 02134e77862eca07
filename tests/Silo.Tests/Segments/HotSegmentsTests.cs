using SnapshotGrains.Silo.Segments;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Segments;

/// <summary>Which segments are to have copies: those of which most is sent, as long as it is.</summary>
public sealed class HotSegmentsTests
{
    private const int Segment = 1 << 20;

    private readonly FakeTime _time = new();
    private readonly HotSegments _hot;

    public HotSegmentsTests() => _hot = new HotSegments(_time);

    [Fact]
    public void A_segment_earns_a_copy_with_what_is_sent_of_it()
    {
        var sent = Enumerable.Range(1, 100).Select(_ => _hot.Count(NameOf(0), Segment)).ToArray();
        sent[..31].Should().OnlyContain(copies => copies == 0);
        (sent[31], sent[63], sent[99]).Should().Be((1, 2, 3));
        _hot.Count(NameOf(1), Segment).Should().Be(0);
    }

    [Fact]
    public void It_cools_down()
    {
        for (var i = 0; i < 64; i++)
        {
            _hot.Count(NameOf(0), Segment);
        }

        _time.Advance(HotSegments.HalfLife);
        _hot.Count(NameOf(0), Segment).Should().Be(1);
        _time.Advance(10 * HotSegments.HalfLife);
        _hot.Count(NameOf(0), Segment).Should().Be(0);
    }

    [Fact]
    public void A_hot_segment_is_not_forgotten_for_many_cold_ones()
    {
        for (var i = 0; i < 50_000; i++)
        {
            _hot.Count(NameOf(0), Segment);
            _hot.Count(NameOf(i + 1), Segment);
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }

        _hot.Count(NameOf(0), Segment).Should().BeGreaterThan(1);
        _hot.Tracked.Should().BeLessThan(10_000);
    }

    private static Digest NameOf(int n) => Digest.Compute(BitConverter.GetBytes(n));
}
