using SnapshotGrains.Silo;

namespace SnapshotGrains.Cli.Output;

/// <summary>What <c>cluster init</c> reports.</summary>
/// <param name="Membership">The kind of database.</param>
/// <param name="Warnings">What endangers the metadata there; a sentence each.</param>
internal sealed record ClusterInitialized(Membership Membership, IReadOnlyList<string> Warnings);
