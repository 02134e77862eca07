namespace SnapshotGrains;

/// <summary>Which events somebody wants.</summary>
/// <param name="Disk">Those of this disk only; null: of all disks, and of batch clones.</param>
/// <param name="Hydration">Whether the progress of hydration is wanted too, once a second and disk.</param>
/// <param name="IsOfProcess">Only what happens in the process that is asked, of a cluster of several.</param>
public sealed record EventQuery(string? Disk = null, bool Hydration = false, bool IsOfProcess = false);
