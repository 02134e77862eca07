namespace SnapshotGrains.Cli.Output;

/// <summary>What <c>rm --json</c> prints.</summary>
/// <param name="Names">The images or disks that are gone.</param>
internal sealed record Removed(IReadOnlyList<string> Names);
