using System.Collections.Immutable;

namespace SnapshotGrains.Storage;

/// <summary>
/// What several runs of clones have in common: the segments that at least half of them touched, in the order of the
/// median of their places in the runs that did.
/// </summary>
/// <remarks>
/// Half, because one guest's own business is not to be loaded for all, and yet a boot that changed counts after a few
/// runs. The median, because one run that was late somewhere must not move a segment for all. With two runs nobody
/// knows which of them is right: both count.
/// </remarks>
public static class TraceMerge
{
    /// <summary>Most runs that count; the oldest goes.</summary>
    public const int MaxRuns = 8;

    /// <summary>Merges runs of one snapshot.</summary>
    /// <param name="runs">At least one; all of the same geometry.</param>
    public static SegmentTrace Of(IReadOnlyList<SegmentTrace> runs)
    {
        var places = new Dictionary<long, List<(int Rank, int Step)>>();
        foreach (var run in runs)
        {
            for (var rank = 0; rank < run.Entries.Length; rank++)
            {
                var entry = run.Entries[rank];
                if (!places.TryGetValue(entry.Segment, out var known))
                {
                    places[entry.Segment] = known = new List<(int, int)>(runs.Count);
                }

                known.Add((rank, entry.Step));
            }
        }

        var needed = (runs.Count + 1) / 2;
        var step = 0;
        return new SegmentTrace(
            runs[0].SizeBytes,
            runs[0].SegmentSizeBytes,
            [
                .. places.Where(place => place.Value.Count >= needed)
                    .Select(place => (Segment: place.Key, Rank: Median(place.Value.Select(at => at.Rank)),
                        Step: Median(place.Value.Select(at => at.Step))))
                    .OrderBy(place => place.Rank).ThenBy(place => place.Segment)
                    .Take(SegmentTrace.MaxEntries)
                    .Select(place => new TraceEntry(place.Segment, step = Math.Max(step, place.Step / 2))),
            ]);
    }

    /// <summary>Which part of what a trace foretold a run has touched, from 0 to 1; 0 if it foretold nothing.</summary>
    public static double Agreement(SegmentTrace trace, SegmentTrace run)
    {
        var touched = run.Entries.Select(entry => entry.Segment).ToHashSet();
        return trace.Entries.IsEmpty ? 0
            : (double)trace.Entries.Count(entry => touched.Contains(entry.Segment)) / trace.Entries.Length;
    }

    /// <summary>Twice the median, so that the middle of two is a whole number too.</summary>
    private static int Median(IEnumerable<int> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2];
    }
}
