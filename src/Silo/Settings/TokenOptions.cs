using SnapshotGrains.Client;

namespace SnapshotGrains.Silo;

/// <summary>Which access tokens a silo accepts.</summary>
public sealed record TokenOptions
{
    /// <summary>The one that clients should show, and that silos show one another; null, the default, for none: then
    /// nobody is asked.</summary>
    public AccessTokenSource? Current { get; init; }

    /// <summary>Others that are accepted as well, while a token is being changed; default none.</summary>
    public IReadOnlyList<AccessTokenSource> Previous { get; init; } = [];
}
