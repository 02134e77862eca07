namespace SnapshotGrains.Storage;

/// <summary>What was found is no file system that we know, or is damaged, or takes too long to look at.</summary>
internal sealed class NoGuessException(string reason) : Exception(reason);
