namespace SnapshotGrains.Images;

/// <summary>Where a data segment is kept.</summary>
/// <param name="Pack">The pack that holds it.</param>
/// <param name="Offset">Its first byte in the pack, a multiple of 4 KiB.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct PackLocation(PackId Pack, long Offset, int Length);
