namespace SnapshotGrains.Client;

/// <summary>What to load ahead for a disk.</summary>
/// <param name="Segments">Segments of its snapshot, in the order in which they are expected to be touched.</param>
/// <param name="FirstSegments">How many are loaded before anything is known of what the guest touches.</param>
internal sealed record TracePlan(IReadOnlyList<long> Segments, int FirstSegments = TracePlan.UnconfirmedSegments)
{
    /// <summary>A plan that never agrees costs its guest this many segments.</summary>
    public const int UnconfirmedSegments = 4;

    /// <summary>What clones did before.</summary>
    public static TracePlan Recorded(Storage.SegmentTrace trace) =>
        new([.. trace.Entries.Select(entry => entry.Segment)]);
}
