namespace SnapshotGrains;

/// <summary>Which events somebody wants.</summary>
/// <param name="Disk">Those of this disk only; null: of all disks, and of batch clones.</param>
/// <param name="Hydration">Whether the progress of hydration is wanted too, once a second and disk.</param>
public sealed record EventQuery(string? Disk = null, bool Hydration = false);
