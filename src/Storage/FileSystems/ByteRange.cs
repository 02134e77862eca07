namespace SnapshotGrains.Storage;

/// <summary>Bytes of a disk that follow each other.</summary>
/// <param name="Offset">The first.</param>
/// <param name="Length">How many.</param>
public readonly record struct ByteRange(long Offset, long Length);
