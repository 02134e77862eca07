namespace SnapshotGrains.Storage.Tests;

/// <summary>Tests that measure the process, and must have it for themselves.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
