using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests.Traces;

/// <summary>
/// How far a plan is loaded ahead of guests who follow it, do something else, or turn away from it: beside guests of
/// all kinds, by seed.
/// </summary>
public sealed class ReplayProgressTests
{
    private const int Length = 120;

    [Fact]
    public void A_guest_who_does_what_the_plan_says_waits_for_next_to_nothing()
    {
        var (loaded, progress) = Run(Plan(), Plan());
        loaded.Should().HaveCount(Length).And.OnlyHaveUniqueItems();
        progress.Hits.Should().BeGreaterThanOrEqualTo(Length - 1);
        progress.IsOver.Should().BeTrue();
    }

    // Guests that do things at the same time touch them in another order each time.
    [Fact]
    public void A_guest_in_disorder_still_finds_most_of_it()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var (loaded, progress) = Run(Plan(), Disorder(Plan(), distance: 8, seed));
            progress.Hits.Should().BeGreaterThan(Length * 8 / 10, "seed {0}", seed);
            (loaded.Count - progress.Hits).Should().BeLessThan(Length / 20, "seed {0}", seed);
        }
    }

    [Fact]
    public void A_plan_that_never_agrees_costs_its_first_segments()
    {
        var (loaded, progress) = Run(Plan(), [.. Plan().Select(segment => segment + 1000)]);
        loaded.Should().Equal(Plan().Take(TracePlan.FirstSegments));
        progress.IsOver.Should().BeTrue("there is no point in waiting");
    }

    // Whatever the guest does, what is loaded for nothing stays within the bound that the rule gives.
    [Fact]
    public void What_is_loaded_for_nothing_is_bounded()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var guest = Guest(random);
            var (loaded, progress) = Run(Plan(), guest);
            loaded.Should().OnlyHaveUniqueItems("seed {0}", seed);
            var wasted = loaded.Except(guest).Count();
            wasted.Should().BeLessThanOrEqualTo(
                ReplayProgress.MaxWindow + TracePlan.FirstSegments + 1 + (progress.Agreed / 8), "seed {0}", seed);
            progress.Hits.Should().BeLessThanOrEqualTo(loaded.Count, "seed {0}", seed);
        }
    }

    private static long[] Plan() => [.. Enumerable.Range(0, Length).Select(i => (long)(i * 7 % 1000))];

    /// <summary>Some of the plan, in some order, and other things, mixed.</summary>
    private static long[] Guest(Random random)
    {
        var follows = random.NextDouble();
        var planned = Disorder(Plan(), random.Next(1, Length), random.Next())
            .Where(_ => random.NextDouble() < follows).ToList();
        for (var others = random.Next(Length); others > 0; others--)
        {
            planned.Insert(random.Next(planned.Count + 1), 1000 + random.Next(500));
        }

        return [.. planned.Skip(random.Next(Length / 2))];
    }

    private static long[] Disorder(long[] plan, int distance, int seed)
    {
        var random = new Random(seed);
        return [.. plan.Select((segment, i) => (segment, place: i + random.Next(distance))).OrderBy(p => p.place)
            .Select(p => p.segment)];
    }

    /// <summary>Loads as much as may be, then touches, and so on.</summary>
    private static (List<long> Loaded, ReplayProgress Progress) Run(long[] plan, long[] guest)
    {
        var progress = new ReplayProgress(new TracePlan(plan));
        var loaded = new List<long>();
        var touched = new HashSet<long>();
        foreach (var segment in guest)
        {
            Load();
            progress.Touch(segment).Should().Be(touched.Add(segment) && loaded.Contains(segment));
        }

        Load();
        return (loaded, progress);

        void Load()
        {
            while (progress.TakeNext() is { } next)
            {
                loaded.Add(next);
            }
        }
    }
}
