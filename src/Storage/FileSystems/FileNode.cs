namespace SnapshotGrains.Storage;

/// <summary>A file, directory or link of a file system.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="SizeBytes">Its size, in bytes.</param>
/// <param name="Ranges">Where its bytes lie in the file system, in order; holes left out.</param>
/// <param name="Inline">Bytes that its inode holds itself; else empty.</param>
internal sealed record FileNode(FileKind Kind, long SizeBytes, IReadOnlyList<ByteRange> Ranges, byte[] Inline);
