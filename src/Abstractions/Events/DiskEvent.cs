namespace SnapshotGrains;

/// <summary>A disk was cloned, or its record has changed.</summary>
/// <param name="Id">As <see cref="ServerEvent.Id"/>.</param>
/// <param name="Disk">The disk as it is now; one that is <see cref="DiskState.Deleting"/> will not be heard of again.
/// </param>
public sealed record DiskEvent(long Id, DiskInfo Disk) : ServerEvent(Id);
