namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that a replica's map says of each segment what it is made of, how it is named, and what reads as zeros.
/// </summary>
public sealed class ReplicaMapTests
{
    private const int Block = StripeCases.Block;
    private const int Seeds = 150;
    private static readonly Guid KeyA = new("11111111-1111-1111-1111-111111111111");
    private static readonly Guid KeyB = new("22222222-2222-2222-2222-222222222222");

    /// <summary>Parts, sources, zero segments and lengths against a walk over every block.</summary>
    [Fact]
    public void Segments_are_made_of_what_the_formula_puts_there()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var layout = StripeCases.Layout(random);
            var source = SourceOf(random, layout.SizeBytes);
            var replica = new ReplicaMap(source, layout, "img@1", Guid.Empty, KeyA);
            var why = $"seed {seed}: {StripeCases.Describe(layout)} of {source.SegmentSizeBytes}";
            var segments = StripeCases.BlocksOf(layout);
            replica.Map.SegmentCount.Should().Be(segments.Length, why);
            replica.Map.SizeBytes.Should().Be(layout.PhysicalBytes, why);
            for (var n = 0; n < segments.Length; n++)
            {
                var sources = segments[n].Select(logical => logical / source.SegmentSizeBytes).Distinct().Order();
                replica.SourcesOf(n).Should().Equal(sources, why);
                replica.Map.IsZero(n).Should().Be(sources.All(source.IsZero), why);
                replica.Map.LengthOf(n).Should().Be(segments[n].Length * Block, why);
                BlocksOf(replica, n).Should().Equal(segments[n], why);
            }
        }
    }

    /// <summary>Runs of data and of zeros against a walk over every block, the unused ends of segments included.
    /// </summary>
    [Fact]
    public void Runs_of_data_end_where_the_used_bytes_do()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var layout = StripeCases.Layout(random);
            var map = new ReplicaMap(SourceOf(random, layout.SizeBytes), layout, "img@1", KeyA, KeyB).Map;
            var isZero = new bool[map.SizeBytes / Block];
            for (long at = 0; at < map.SizeBytes; at += Block)
            {
                var n = at / map.SegmentSizeBytes;
                isZero[at / Block] = map.IsZero(n) || at % map.SegmentSizeBytes >= layout.UsedBytesOf(n);
            }

            VerifyRuns(map, isZero, random, $"seed {seed}: {StripeCases.Describe(layout)}");
        }
    }

    /// <summary>Equal recipes have equal names, whatever the snapshot is called; others have others.</summary>
    [Fact]
    public void A_name_says_all_that_a_segment_is_made_of()
    {
        const int size = 8 << 20;
        var source = SourceOf(1, size);
        var layout = new StripeLayout(1 << 20, 64 << 10, 4, size);
        var names = NamesOf(new ReplicaMap(source, layout, "img@1", Guid.Empty, KeyA));
        names.Should().HaveCount(8).And.OnlyHaveUniqueItems();
        NamesOf(new ReplicaMap(SourceOf(1, size), layout.WithSize(size), "other@2", Guid.Empty, KeyA))
            .Should().Equal(names);

        ReplicaMap[] others =
        [
            new(source, layout, "img@1", Guid.Empty, KeyB),
            new(source, layout, "img@1", Guid.Empty, Guid.Empty),
            new(source, layout, "img@1", KeyB, KeyA),
            new(source, layout, "img@1", KeyA, Guid.Empty),
            new(source, new StripeLayout(1 << 20, 128 << 10, 4, size), "img@1", Guid.Empty, KeyA),
            new(source, new StripeLayout(1 << 20, 64 << 10, 2, size), "img@1", Guid.Empty, KeyA),
            new(source, new StripeLayout(1 << 19, 64 << 10, 4, size), "img@1", Guid.Empty, KeyA),
            new(SourceOf(2, size), layout, "img@1", Guid.Empty, KeyA),
        ];
        names.Concat(others.SelectMany(NamesOf)).Should().OnlyHaveUniqueItems();
    }

    /// <summary>A change of one base segment renames the segments that are made of it, and no others.</summary>
    [Fact]
    public void Names_change_with_their_sources_only()
    {
        const int size = 16 << 20;
        var layout = new StripeLayout(64 << 10, 4 << 10, 3, size);
        var before = new ReplicaMap(SourceOf(1, size), layout, "img@1", Guid.Empty, KeyA);
        var after = new ReplicaMap(SourceOf(1, size, changed: 5), layout, "img@1", Guid.Empty, KeyA);
        for (var n = 0; n < layout.SegmentCount; n++)
        {
            (before.Map.DigestOf(n) != after.Map.DigestOf(n)).Should().Be(before.SourcesOf(n).Contains(5));
        }
    }

    /// <summary>
    /// The segments of a set are placed together, sets apart, and snapshots apart; what is one to one with the base is
    /// placed where that is.
    /// </summary>
    [Fact]
    public void Placement_keeps_sets_together()
    {
        const int size = 16 << 20;
        var source = SourceOf(1, size);
        var layout = new StripeLayout(1 << 20, 64 << 10, 4, size);
        var replica = new ReplicaMap(source, layout, "img@1", Guid.Empty, KeyA);
        var places = Enumerable.Range(0, 16).Select(n => replica.PlacementOf(n)).ToArray();
        places.Distinct().Should().HaveCount(4);
        places.Chunk(4).Should().OnlyContain(set => set.Distinct().Count() == 1);
        new ReplicaMap(source, layout, "img@2", Guid.Empty, KeyA).PlacementOf(0).Should().NotBe(places[0]);
        var same = new ReplicaMap(source, new StripeLayout(1 << 20, 1 << 20, 1, size), "img@1", Guid.Empty, KeyA);
        same.PlacementOf(3).Should().Be(source.DigestOf(3));
        same.Map.DigestOf(3).Should().NotBe(source.DigestOf(3));
    }

    /// <summary>A terabyte with one segment of data costs what a bitmap of its segments does.</summary>
    [Theory]
    [InlineData(1 << 20, 64 << 10, 4)]
    [InlineData(64 << 10, 4 << 10, 3)]
    [InlineData(16 << 20, 4 << 10, 64)]
    public void A_sparse_terabyte_is_small(int segment, int unit, int count)
    {
        var builder = new SegmentMapBuilder();
        builder.AddZero(123_456);
        builder.AddData(Digest.Compute("x"u8));
        builder.AddZero((1 << 20) - 123_457);
        var source = builder.Build(1L << 40);
        var layout = new StripeLayout(segment, unit, count, 1L << 40);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var replica = new ReplicaMap(source, layout, "img@1", Guid.Empty, KeyA);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(12 << 20);
        var expected = layout.RunsOf(123_456L << 20, 1 << 20).SelectMany(run => SegmentsOf(run, segment)).Distinct();
        var data = new List<long>();
        for (var n = replica.Map.NextData(0); n < replica.Map.SegmentCount; n = replica.Map.NextData(n + 1))
        {
            data.Add(n);
        }

        data.Should().Equal(expected.Order());
    }

    /// <summary>An empty snapshot has an empty replica; a layout of another size is refused.</summary>
    [Fact]
    public void Sizes_must_agree()
    {
        var empty = new SegmentMapBuilder().Build(0);
        var layout = new StripeLayout(1 << 20, 4096, 4, 0);
        new ReplicaMap(empty, layout, "img@1", Guid.Empty, Guid.Empty).Map.SegmentCount.Should().Be(0);
        FluentActions.Invoking(() => new ReplicaMap(empty, layout.WithSize(1), "img@1", Guid.Empty, Guid.Empty))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    private static IEnumerable<long> SegmentsOf((long Physical, long Length) run, int segment)
    {
        for (var n = run.Physical / segment; n * segment < run.Physical + run.Length; n++)
        {
            yield return n;
        }
    }

    private static IEnumerable<Digest> NamesOf(ReplicaMap replica) => replica.Map.Digests.ToArray();

    /// <summary>The logical addresses of a segment's blocks; only the snapshot's last bytes may be less than one.
    /// </summary>
    private static IEnumerable<long> BlocksOf(ReplicaMap replica, long n)
    {
        foreach (var (offset, length) in replica.PartsOf(n))
        {
            (length % Block == 0 || offset + length == replica.Layout.SizeBytes).Should().BeTrue();
            for (var at = offset; at < offset + length; at += Block)
            {
                yield return at;
            }
        }
    }

    private static void VerifyRuns(SegmentMap map, bool[] isZero, Random random, string why)
    {
        for (long offset = 0; offset < map.SizeBytes;)
        {
            var block = (int)(offset / Block);
            var next = block + 1;
            while (next < isZero.Length && isZero[next] == isZero[block])
            {
                next++;
            }

            var inside = random.NextInt64(offset, (long)next * Block);
            map.EndOfRun(inside, map.SizeBytes, out var isZeroRun).Should().Be((long)next * Block, why);
            isZeroRun.Should().Be(isZero[block], why);
            var asked = random.NextInt64(inside + 1, map.SizeBytes + 1);
            var end = map.EndOfRun(inside, asked, out _);
            (end == (long)next * Block || (end >= asked && end < (long)next * Block)).Should().BeTrue(why);
            offset = (long)next * Block;
        }
    }

    /// <summary>A snapshot of random segments, some of them zero.</summary>
    private static SegmentMap SourceOf(Random random, long sizeBytes)
    {
        var segment = (64 << 10) << random.Next(6);
        var builder = new SegmentMapBuilder(segment);
        var density = random.NextDouble();
        for (long at = 0; at < sizeBytes; at += segment)
        {
            if (random.NextDouble() < density)
            {
                builder.AddData(Digest.Compute(BitConverter.GetBytes(at)));
            }
            else
            {
                builder.AddZero();
            }
        }

        return builder.Build(sizeBytes);
    }

    /// <summary>A snapshot of 1 MiB segments of data that follows from a number.</summary>
    private static SegmentMap SourceOf(int content, long sizeBytes, int changed = -1)
    {
        var builder = new SegmentMapBuilder();
        for (var n = 0; n < sizeBytes >> 20; n++)
        {
            builder.AddData(Digest.Compute([(byte)content, (byte)n, (byte)(n == changed ? 1 : 0)]));
        }

        return builder.Build(sizeBytes);
    }
}
