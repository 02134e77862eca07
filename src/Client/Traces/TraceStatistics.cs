namespace SnapshotGrains.Client;

/// <summary>What traces did in a process since it started.</summary>
/// <param name="LoadedBytes">Bytes that were loaded ahead of guests.</param>
/// <param name="HitBytes">Bytes of them that a guest touched afterwards, counted in the snapshot's segments.</param>
/// <param name="Recorded">Runs that were added to a trace.</param>
/// <param name="NotRecorded">Runs that could not be added.</param>
public readonly record struct TraceStatistics(long LoadedBytes, long HitBytes, long Recorded, long NotRecorded);
