namespace SnapshotGrains.Cli.Demo;

/// <summary>One read of a guest.</summary>
/// <param name="Offset">Where on its disk, in bytes.</param>
/// <param name="Length">How much, in bytes.</param>
internal readonly record struct BootRead(long Offset, int Length);
