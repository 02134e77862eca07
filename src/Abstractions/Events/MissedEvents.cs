namespace SnapshotGrains;

/// <summary>Says that a listener was too slow.</summary>
/// <param name="Missed">Events that were left out; what they told can be read anew.</param>
public sealed record MissedEvents(long Missed);
