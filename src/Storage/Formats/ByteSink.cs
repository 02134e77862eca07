namespace SnapshotGrains.Storage;

/// <summary>Takes the next bytes of a structure that is being written.</summary>
public delegate void ByteSink(ReadOnlySpan<byte> bytes);
