namespace SnapshotGrains;

/// <summary>Answer of <c>DELETE /v1/images/{name@snap}</c>.</summary>
/// <param name="WaitingForDisks">Disks that still need the image; 0: it is gone.</param>
public sealed record ImageDeletion(int WaitingForDisks);
