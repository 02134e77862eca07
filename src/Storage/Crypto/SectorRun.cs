namespace SnapshotGrains.Storage;

/// <summary>Consecutive sectors.</summary>
/// <param name="First">Number of the first one.</param>
/// <param name="Count">How many.</param>
/// <param name="SectorBytes">Bytes of each: a power of two, 512 or more.</param>
internal readonly record struct SectorRun(long First, int Count, int SectorBytes);
