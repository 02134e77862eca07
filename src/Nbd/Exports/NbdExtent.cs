namespace SnapshotGrains.Nbd;

/// <summary>A stretch of an export in one state.</summary>
/// <param name="Length">Bytes; never zero.</param>
/// <param name="Flags">Its state.</param>
public readonly record struct NbdExtent(uint Length, NbdExtentFlags Flags);
