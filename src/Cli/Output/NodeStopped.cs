namespace SnapshotGrains.Cli.Output;

/// <summary>What <c>node stop --json</c> prints.</summary>
/// <param name="Name">The silo.</param>
/// <param name="Abrupt">Whether it was dropped like in a crash.</param>
internal sealed record NodeStopped(string Name, bool Abrupt);
