namespace SnapshotGrains.Storage;

/// <summary>What a <see cref="ReplicaStore"/> holds, and what it has done since it was opened.</summary>
/// <param name="BudgetBytes">Most bytes on disk.</param>
/// <param name="UsedBytes">Bytes on disk, in whole blocks, those being written included.</param>
/// <param name="Segments">Segments.</param>
/// <param name="Reads">Segments read back.</param>
/// <param name="Writes">Segments written.</param>
/// <param name="Evictions">Segments deleted to make room for others.</param>
/// <param name="Damaged">Segments deleted because their bytes had changed or could not be read.</param>
/// <param name="Failures">Segments that could not be written.</param>
public readonly record struct ReplicaStoreStatistics(
    long BudgetBytes, long UsedBytes, int Segments, long Reads, long Writes, long Evictions, long Damaged,
    long Failures);
