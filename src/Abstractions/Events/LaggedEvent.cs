namespace SnapshotGrains;

/// <summary>Events were left out here, because this listener was too slow; what they told can be read anew.</summary>
/// <param name="Id">As <see cref="ServerEvent.Id"/>: that of the last event before.</param>
/// <param name="Missed">How many.</param>
public sealed record LaggedEvent(long Id, long Missed) : ServerEvent(Id);
