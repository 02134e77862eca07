namespace SnapshotGrains.Storage;

/// <summary>A run of a disk's bytes that have one state.</summary>
/// <param name="State">Where the run is to be read.</param>
/// <param name="LengthBytes">Length of the run in bytes, at most the length asked for.</param>
public readonly record struct OverlayExtent(OverlayBlockState State, long LengthBytes);
