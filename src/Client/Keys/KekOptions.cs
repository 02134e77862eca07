namespace SnapshotGrains.Client;

/// <summary>Which key-encryption keys a process has.</summary>
public sealed record KekOptions
{
    /// <summary>The one that wraps new keys; null, the default, for none: then no key can be used.</summary>
    public KekSource? Current { get; init; }

    /// <summary>Those that wrapped keys before, until all are wrapped anew; default none.</summary>
    public IReadOnlyList<KekSource> Previous { get; init; } = [];
}
