namespace SnapshotGrains;

/// <summary>A disk is being hydrated.</summary>
/// <param name="Id">As <see cref="ServerEvent.Id"/>.</param>
/// <param name="Progress">How far it is.</param>
public sealed record HydrationEvent(long Id, HydrationProgress Progress) : ServerEvent(Id);
