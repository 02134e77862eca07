using System.Collections.Immutable;

namespace SnapshotGrains.Storage.Tests.Traces;

/// <summary>Traces survive both of their forms, and nothing damaged is taken for one.</summary>
public sealed class SegmentTraceTests
{
    private const int SegmentBytes = 64 << 10;
    private const int Segments = 5000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void A_trace_comes_back_from_bytes_and_from_text(int count)
    {
        var trace = RandomTrace(count, seed: count);
        SegmentTrace.Decode(trace.Encode()).Should().BeEquivalentTo(trace);
        TraceText.Parse(TraceText.Format(trace)).Should().BeEquivalentTo(trace);
    }

    // The largest trace has the size that a receiver allows for, and one in order takes two bytes an entry.
    [Fact]
    public void The_size_of_a_trace_is_limited()
    {
        const long Size = (long)int.MaxValue << 16;
        var far = Enumerable.Range(0, SegmentTrace.MaxEntries)
            .Select(i => new TraceEntry(i % 2 == 0 ? i : (1L << 30) - i, Math.Min(i * 64, SegmentTrace.MaxStep)));
        new SegmentTrace(Size / 2, SegmentBytes, [.. far.Select(e => e with { Segment = e.Segment % (1 << 29) })])
            .Encode().Length.Should().BeLessThanOrEqualTo(SegmentTrace.MaxEncodedBytes);
        var near = Enumerable.Range(0, 1000).Select(i => new TraceEntry(i, i));
        new SegmentTrace(Size / 2, SegmentBytes, [.. near]).Encode().Length.Should().BeLessThan(2100);
        var tooMany = Enumerable.Range(0, SegmentTrace.MaxEntries + 1).Select(i => new TraceEntry(i, 0));
        var make = () => new SegmentTrace(Size / 2, SegmentBytes, [.. tooMany]);
        make.Should().Throw<ArgumentException>().WithMessage("*16385 entries*");
    }

    // Every flipped bit is noticed, every cut is, and nothing but the right exception comes out.
    [Fact]
    public void Damage_is_noticed()
    {
        var good = RandomTrace(50, seed: 9).Encode();
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            ((Action)(() => SegmentTrace.Decode(bad))).Should().Throw<CorruptFormatException>("bit {0}", bit);
        }

        for (var length = 0; length < good.Length; length++)
        {
            var cut = good[..length];
            ((Action)(() => SegmentTrace.Decode(cut))).Should().Throw<CorruptFormatException>("{0} bytes", length);
        }
    }

    [Theory]
    [InlineData("", "*must begin*")]
    [InlineData("snapshotgrains trace 1\nsize 65536\nsegment-size 65536\n0 0\n0 5", "*twice*")]
    [InlineData("snapshotgrains trace 1\nsize 65536\nsegment-size 65536\n1 0", "*not one of 1*")]
    [InlineData("snapshotgrains trace 1\nsize 65536\nsegment-size 1000\n0 0", "*segment size of 1000*")]
    [InlineData("snapshotgrains trace 1\nsize 65536\nsegment-size 65536\n0", "Line 4*")]
    [InlineData("snapshotgrains trace 1\nsize -1\nsegment-size 65536", "Line 2*")]
    public void Text_that_is_no_trace_is_refused(string text, string why) =>
        ((Action)(() => TraceText.Parse(text))).Should().Throw<FormatException>().WithMessage(why);

    internal static SegmentTrace RandomTrace(int count, int seed)
    {
        var random = new Random(seed);
        var segments = Enumerable.Range(0, Segments).Select(n => (long)n).ToArray();
        random.Shuffle(segments);
        var step = 0;
        return new SegmentTrace(
            (Segments * (long)SegmentBytes) - 7, SegmentBytes,
            segments.Take(count).Select(n => new TraceEntry(n, step += random.Next(3))).ToImmutableArray());
    }
}
