namespace SnapshotGrains.Cli.Output;

/// <summary>What <c>disk info --json</c> prints.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Hydration">How far it is from its parent; null when that could not be told.</param>
internal sealed record DiskReport(DiskInfo Disk, HydrationProgress? Hydration);
