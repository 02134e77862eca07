namespace SnapshotGrains.Storage;

/// <summary>Sizes that the overlay's files and its map share; see docs/FORMATS.md.</summary>
internal static class OverlayLayout
{
    /// <summary>Bytes in a block: what a checksum covers, and what a crash never tears.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Bytes in one copy of a map page.</summary>
    public const int PageBytes = 4096;

    /// <summary>Bytes that a map page takes in the file, with its mirror.</summary>
    public const int PagePairBytes = 2 * PageBytes;

    /// <summary>
    /// Most bytes of a disk: block slots are counted in 32 bits and superseded blocks need some of them.
    /// </summary>
    public const long MaxSizeBytes = 8L << 40;

    /// <summary>Version of both files.</summary>
    public const ushort Version = 2;

    /// <summary>Blocks that hold <paramref name="bytes"/>, the last one perhaps in part.</summary>
    public static long BlocksOf(long bytes) => (bytes + BlockBytes - 1) / BlockBytes;
}
