using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>What to load ahead for a disk.</summary>
/// <param name="Segments">Segments of its snapshot that hold data, in the order in which they are expected to be
/// touched.</param>
internal sealed record TracePlan(IReadOnlyList<long> Segments)
{
    /// <summary>
    /// How many are loaded before anything is known of what the guest touches: what a plan that never agrees costs him.
    /// </summary>
    public const int FirstSegments = 4;

    /// <summary>What clones did before.</summary>
    public static TracePlan Of(SegmentTrace trace, SegmentMap map) =>
        Of(trace.Entries.Select(entry => entry.Segment), map);

    /// <summary>These segments, but for those that are zero.</summary>
    public static TracePlan Of(IEnumerable<long> segments, SegmentMap map) =>
        new([.. segments.Where(segment => !map.IsZero(segment))]);
}
