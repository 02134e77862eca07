namespace SnapshotGrains.Storage;

/// <summary>A disk cache cannot be opened; says which directory or size is wrong, why, and what to do.</summary>
public sealed class DiskCacheException(DiskCacheFault fault, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What is wrong.</summary>
    public DiskCacheFault Fault { get; } = fault;
}
