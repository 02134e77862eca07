namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that bytes lie where Ceph RBD's formula puts them, and that nothing else is used.</summary>
public sealed class StripeLayoutTests
{
    private const int Block = StripeCases.Block;
    private const int Seeds = 150;

    /// <summary>Addresses against the published formula, near and far, and back again.</summary>
    [Fact]
    public void Addresses_are_those_of_RBD()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var layout = StripeCases.Layout(random).WithSize(1L << 50);
            for (var i = 0; i < 20; i++)
            {
                var logical = random.NextInt64(layout.SizeBytes >> random.Next(40));
                var (segment, within) = StripeCases.Place(layout, logical);
                var physical = (segment * layout.SegmentSizeBytes) + within;
                layout.ToPhysical(logical).Should().Be(physical, "seed {0}", seed);
                layout.ToLogical(physical).Should().Be(logical, "seed {0}", seed);
            }
        }
    }

    /// <summary>How many segments there are, and how much of each is used: always its first bytes.</summary>
    [Fact]
    public void Used_bytes_are_those_that_the_formula_reaches()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var layout = StripeCases.Layout(new Random(seed));
            var used = Enumerable.Range(0, (int)layout.SegmentCount).Select(n => layout.UsedBytesOf(n) / Block);
            used.Should().Equal(
                StripeCases.BlocksOf(layout).Select(blocks => blocks.Length),
                "seed {0}: {1}", seed, StripeCases.Describe(layout));
            layout.PhysicalBytes.Should().Be(layout.SegmentCount * layout.SegmentSizeBytes);
            layout.Invoking(l => l.UsedBytesOf(l.SegmentCount)).Should().Throw<ArgumentOutOfRangeException>();
            layout.Invoking(l => l.UsedBytesOf(-1)).Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    /// <summary>The runs of a range hold each of its bytes once, and no others; they are few.</summary>
    [Fact]
    public void Runs_hold_each_byte_of_a_range_once()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var layout = StripeCases.Layout(random, 2 << 20);
            for (var i = 0; i < 10; i++)
            {
                var offset = random.NextInt64(layout.SizeBytes);
                var length = random.NextInt64(layout.SizeBytes - offset + 1);
                VerifyRuns(layout, offset, length, $"{seed}: {length} at {offset}, {StripeCases.Describe(layout)}");
            }
        }
    }

    /// <summary>An empty address space has no segments; formats that RBD does not have either are refused.</summary>
    [Theory]
    [InlineData(1 << 20, 4096, 0)]
    [InlineData(1 << 20, 4096, 65)]
    [InlineData(1 << 20, 2048, 4)]
    [InlineData(1 << 20, 12288, 4)]
    [InlineData(1 << 20, 1 << 21, 4)]
    [InlineData(1 << 15, 4096, 4)]
    [InlineData(1 << 25, 4096, 4)]
    [InlineData(100_000, 4096, 4)]
    public void Impossible_formats_are_refused(int segment, int unit, int count)
    {
        StripeLayout.ProblemOf(segment, unit, count).Should().NotBeNullOrEmpty();
        FluentActions.Invoking(() => new StripeLayout(segment, unit, count, 1))
            .Should().Throw<ArgumentOutOfRangeException>();
        StripeLayout.ProblemOf(1 << 20, 1 << 16, 64).Should().BeNull();
        FluentActions.Invoking(() => new StripeLayout(1 << 20, 1 << 16, 4, -1))
            .Should().Throw<ArgumentOutOfRangeException>();
        var empty = new StripeLayout(1 << 20, 1 << 16, 4, 0);
        (empty.SegmentCount, empty.PhysicalBytes).Should().Be((0L, 0L));
    }

    private static void VerifyRuns(StripeLayout layout, long offset, long length, string why)
    {
        var expected = new HashSet<long>();
        for (var at = offset; at < offset + length; at = Math.Min(at + 509, Math.Max(at + 1, offset + length - 1)))
        {
            // Some bytes of every block stand for all, and those at both ends.
            expected.Add(layout.ToPhysical(at));
        }

        long total = 0;
        var runs = layout.RunsOf(offset, length).OrderBy(run => run.Physical).ToArray();
        for (var i = 0; i < runs.Length; i++)
        {
            total += runs[i].Length;
            runs[i].Length.Should().BePositive(why);
            (i == 0 || runs[i - 1].Physical + runs[i - 1].Length <= runs[i].Physical).Should().BeTrue(why);
        }

        total.Should().Be(length, why);
        runs.Length.Should().BeLessThanOrEqualTo((2 * layout.StripeCount) + 1, why);
        var index = 0;
        foreach (var physical in expected.Order())
        {
            while (index < runs.Length - 1 && runs[index].Physical + runs[index].Length <= physical)
            {
                index++;
            }

            (runs[index].Physical <= physical && physical < runs[index].Physical + runs[index].Length)
                .Should().BeTrue(why);
        }
    }
}
