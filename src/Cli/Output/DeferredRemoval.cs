namespace SnapshotGrains.Cli.Output;

/// <summary>An image whose deletion waits.</summary>
/// <param name="Name">The image.</param>
/// <param name="WaitingForDisks">Disks that still need it.</param>
internal sealed record DeferredRemoval(string Name, int WaitingForDisks);
