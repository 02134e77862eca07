namespace SnapshotGrains.Storage.Tests.Traces;

/// <summary>What runs have in common, beside a slow model that follows the words of the rule.</summary>
public sealed class TraceMergeTests
{
    private const int SegmentBytes = 64 << 10;
    private const int Segments = 60;

    [Fact]
    public void The_merge_is_that_of_the_model()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var runs = Enumerable.Range(0, random.Next(1, TraceMerge.MaxRuns + 1)).Select(_ => Run(random)).ToList();
            TraceMerge.Of(runs).Entries.Select(entry => entry.Segment).Should().Equal(Model(runs), "seed {0}", seed);
        }
    }

    [Fact]
    public void One_run_of_many_adds_nothing_and_moves_nothing()
    {
        var boot = Of(5, 3, 9, 1);
        TraceMerge.Of([boot, boot, Of(1, 40, 41, 42, 9), boot]).Entries.Select(e => e.Segment)
            .Should().Equal(5, 3, 9, 1);
    }

    [Fact]
    public void Agreement_is_the_part_of_the_trace_that_came_true()
    {
        TraceMerge.Agreement(Of(1, 2, 3, 4), Of(9, 4, 2, 8)).Should().Be(0.5);
        TraceMerge.Agreement(Of(), Of(1)).Should().Be(0);
    }

    private static SegmentTrace Of(params long[] segments) => new(
        Segments * SegmentBytes, SegmentBytes, [.. segments.Select((n, i) => new TraceEntry(n, i))]);

    private static SegmentTrace Run(Random random)
    {
        var segments = Enumerable.Range(0, Segments).Select(n => (long)n).ToArray();
        random.Shuffle(segments);
        return Of(segments[..random.Next(Segments)]);
    }

    private static IEnumerable<long> Model(List<SegmentTrace> runs) =>
        from segment in Enumerable.Range(0, Segments)
        let places = runs.Select(run => run.Entries.ToList().FindIndex(entry => entry.Segment == segment))
            .Where(place => place >= 0).Order().ToList()
        where places.Count > 0 && 2 * places.Count >= runs.Count
        let middle = places.Count % 2 == 1
            ? places[places.Count / 2] : (places[(places.Count / 2) - 1] + places[places.Count / 2]) / 2.0
        orderby middle, segment
        select (long)segment;
}
