namespace SnapshotGrains.Storage;

/// <summary>Where a <see cref="ReplicaStore"/> keeps segments, and how many.</summary>
public sealed record ReplicaStoreOptions
{
    /// <summary>Its directory, which nobody else uses; created if missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Most bytes that its files may take, those being written included; 0: it keeps nothing.</summary>
    public required long BudgetBytes { get; init; }
}
