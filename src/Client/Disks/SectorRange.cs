namespace SnapshotGrains.Client;

/// <summary>Sectors that a write touches.</summary>
/// <param name="First">The first one.</param>
/// <param name="End">The one after the last.</param>
/// <param name="IsExclusive">Whether no other write may touch them meanwhile.</param>
internal readonly record struct SectorRange(long First, long End, bool IsExclusive)
{
    /// <summary>Whether a sector is in both.</summary>
    public bool Overlaps(in SectorRange other) => First < other.End && other.First < End;

    /// <summary>Whether the two must not be under way at the same time.</summary>
    public bool Excludes(in SectorRange other) => (IsExclusive || other.IsExclusive) && Overlaps(other);
}
