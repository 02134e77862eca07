namespace SnapshotGrains.Storage;

/// <summary>What a <see cref="DiskCache"/> holds, and what it has done since it was opened.</summary>
/// <param name="LimitBytes">Most bytes on disk.</param>
/// <param name="UsedBytes">Bytes on disk that segments take, in whole units.</param>
/// <param name="Segments">Segments.</param>
/// <param name="Hits">Segments read, verified.</param>
/// <param name="Misses">Segments that were asked for in vain.</param>
/// <param name="BytesRead">Bytes of the hits.</param>
/// <param name="Writes">Segments written.</param>
/// <param name="BytesWritten">Their bytes.</param>
/// <param name="Evictions">Segments that made room for others.</param>
/// <param name="BadCopies">Segments dropped because their bytes did not have their digest any more.</param>
/// <param name="WritesDropped">Segments not written: too many waited, or writing had failed just before.</param>
/// <param name="Errors">Reads and writes that failed.</param>
/// <param name="QueuedBytes">Bytes of segments that wait to be written.</param>
public readonly record struct DiskCacheStatistics(
    long LimitBytes, long UsedBytes, int Segments, long Hits, long Misses, long BytesRead, long Writes,
    long BytesWritten, long Evictions, long BadCopies, long WritesDropped, long Errors, long QueuedBytes);
