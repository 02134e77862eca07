namespace SnapshotGrains.Storage;

/// <summary>A segment that was touched for the first time.</summary>
/// <param name="Segment">Its number in the snapshot's base replica.</param>
/// <param name="Step">When, in steps of <see cref="SegmentTrace.StepMilliseconds"/> after the first touch.</param>
public readonly record struct TraceEntry(long Segment, int Step);
