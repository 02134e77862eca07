using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests.Traces;

/// <summary>What is loaded beside the touches of guests of all kinds, by seed.</summary>
public sealed class NeighbourForecastTests
{
    private const int Length = 2000;

    private static readonly SegmentMap AllData = Map(zeroFrom: Length);

    /// <summary>Files of a few segments each, as when a system starts.</summary>
    [Fact]
    public void A_guest_who_reads_files_waits_for_half_of_them_at_most()
    {
        var (touches, allHits) = (0, 0);
        for (var seed = 0; seed < 100; seed++)
        {
            var guest = Files(new Random(seed));
            var (_, hits) = Run(guest);
            hits.Should().BeGreaterThan(guest.Count / 4, "seed {0}: it begins sooner or later", seed);
            (touches, allHits) = (touches + guest.Count, allHits + hits);
        }

        allHits.Should().BeGreaterThan(touches / 2);
    }

    [Fact]
    public void A_guest_whose_touches_lie_apart_costs_a_twentieth()
    {
        var guest = Enumerable.Range(0, 200).Select(i => (long)i * 9).ToArray();
        for (var seed = 0; seed < 100; seed++)
        {
            new Random(seed).Shuffle(guest);
            Run(guest).Loaded.Should().NotIntersectWith(guest).And.HaveCount(
                NeighbourForecast.FirstSegments + (guest.Length / NeighbourForecast.TouchesATry));
        }
    }

    // Whatever the guest does, what is loaded for nothing stays within the bound that the rule gives.
    [Fact]
    public void What_is_loaded_for_nothing_is_bounded()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var width = random.Next(10, Length);
            var guest = Enumerable.Range(0, random.Next(1, 200)).Select(_ => (long)random.Next(width)).ToArray();
            var (loaded, hits) = Run(guest);
            loaded.Should().OnlyHaveUniqueItems("seed {0}", seed);
            var touched = guest.Distinct().Count();
            loaded.Except(guest).Count().Should().BeLessThanOrEqualTo(
                NeighbourForecast.FirstSegments + (touched / NeighbourForecast.TouchesATry)
                + Math.Min(NeighbourForecast.PerHit * hits, touched), "seed {0}", seed);
        }
    }

    [Fact]
    public void Nothing_is_loaded_past_the_ends_or_of_zeros()
    {
        var forecast = new NeighbourForecast(Map(zeroFrom: 3));
        forecast.Touch(0);
        forecast.TakeNext().Should().Be(1);
        forecast.Touch(2);
        forecast.TakeNext().Should().BeNull();
        forecast.Touch(Length - 1);
        forecast.TakeNext().Should().BeNull();
    }

    private static List<long> Files(Random random)
    {
        var touches = new List<long>();
        while (touches.Count < 120)
        {
            var (first, length) = (random.Next(Length - 8), random.Next(1, 8));
            touches.AddRange(Enumerable.Range(first, length).Select(n => (long)n).Except(touches));
        }

        return touches;
    }

    /// <summary>Touches, then loads three segments at most while the guest waits for one, and so on.</summary>
    private static (List<long> Loaded, int Hits) Run(IEnumerable<long> guest)
    {
        var forecast = new NeighbourForecast(AllData);
        var (loaded, touched, hits) = (new List<long>(), new HashSet<long>(), 0);
        foreach (var segment in guest)
        {
            var isHit = touched.Add(segment) && loaded.Contains(segment);
            forecast.Touch(segment).Should().Be(isHit);
            hits += isHit ? 1 : 0;
            for (var i = 0; i < 3 && forecast.TakeNext() is { } next; i++)
            {
                touched.Should().NotContain(next);
                loaded.Add(next);
            }
        }

        return (loaded, hits);
    }

    private static SegmentMap Map(int zeroFrom)
    {
        var builder = new SegmentMapBuilder();
        for (var n = 0; n < zeroFrom; n++)
        {
            builder.AddData(Digest.Compute(BitConverter.GetBytes(n)));
        }

        builder.AddZero(Length - zeroFrom);
        return builder.Build((long)Length * SegmentMap.DefaultSegmentSizeBytes);
    }
}
