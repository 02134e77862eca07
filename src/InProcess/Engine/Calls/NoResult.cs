namespace SnapshotGrains.InProcess.Calls;

/// <summary>The result of methods that have none.</summary>
internal readonly struct NoResult;
