namespace SnapshotGrains;

/// <summary>A batch clone has begun, gone on or ended.</summary>
/// <param name="Id">As <see cref="ServerEvent.Id"/>.</param>
/// <param name="Batch">How far it is, without the disks' names.</param>
public sealed record BatchEvent(long Id, BatchClone Batch) : ServerEvent(Id);
