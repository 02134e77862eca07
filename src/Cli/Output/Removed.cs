namespace SnapshotGrains.Cli.Output;

/// <summary>What <c>rm --json</c> prints.</summary>
/// <param name="Names">The disks or keys that are gone.</param>
internal sealed record Removed(IReadOnlyList<string> Names);
