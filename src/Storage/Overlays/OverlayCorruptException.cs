namespace SnapshotGrains.Storage;

/// <summary>
/// Stored bytes of an overlay are not those that were written. Overwriting the block repairs it; a damaged map needs
/// a backup.
/// </summary>
public sealed class OverlayCorruptException : OverlayException
{
    /// <summary>A block's bytes do not have the checksum that the map keeps.</summary>
    public OverlayCorruptException(Guid diskId, long block, uint expected, uint actual)
        : base(diskId, $"Block {block} of disk {diskId} is damaged in its overlay: checksum {actual:x8} was computed " +
            $"but {expected:x8} is stored. Write the block again or restore it.")
    {
        Block = block;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The map or a header is damaged in all its copies.</summary>
    public OverlayCorruptException(Guid diskId, string reason, Exception? innerException = null)
        : base(diskId, $"The overlay of disk {diskId} is damaged: {reason}. Restore its files.", innerException)
    {
    }

    /// <summary>Number of the damaged block (of 4 KiB), or null when the map is damaged.</summary>
    public long? Block { get; }

    /// <summary>CRC-32C that the map keeps for the block.</summary>
    public uint Expected { get; }

    /// <summary>CRC-32C of the bytes that were read.</summary>
    public uint Actual { get; }
}
