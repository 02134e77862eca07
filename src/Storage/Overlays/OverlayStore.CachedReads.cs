namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>
    /// As <see cref="Read"/>, but returns false where that might wait for a disk: when bytes are not in the system's
    /// memory, or a block has to be read once more because it was written meanwhile or looks damaged. What is in
    /// <paramref name="destination"/> then is not defined; read again where waiting does no harm. Where the system
    /// cannot tell (not Linux, some file systems) this is <see cref="Read"/>. Does not allocate.
    /// </summary>
    /// <exception cref="InvalidOperationException">A block is the parent's to read.</exception>
    /// <exception cref="OverlayException">As <see cref="Read"/>, except for damage.</exception>
    public bool TryRead(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        if (_gate.IsClosed)
        {
            ThrowClosed();
        }

        while (!destination.IsEmpty)
        {
            var (block, within) = Math.DivRem(offset, BlockBytes);
            var bytes = within == 0 && destination.Length >= BlockBytes
                ? TryReadWhole(block, destination)
                : TryReadPart(block, (int)within, destination);
            if (bytes == 0)
            {
                return false;
            }

            offset += bytes;
            destination = destination[bytes..];
        }

        return true;
    }

    private int TryReadPart(long block, int within, Span<byte> destination)
    {
        Span<byte> content = stackalloc byte[BlockBytes];
        if (TryReadWhole(block, content) == 0)
        {
            return 0;
        }

        var bytes = Math.Min(BlockBytes - within, destination.Length);
        content.Slice(within, bytes).CopyTo(destination);
        return bytes;
    }

    /// <summary>Reads as many whole blocks as lie one after the other; 0 when that is not to be had at once.</summary>
    private int TryReadWhole(long block, Span<byte> destination)
    {
        Span<BlockEntry> entries = stackalloc BlockEntry[Math.Min(ReadBatchBlocks, destination.Length / BlockBytes)];
        entries = entries[..BeginRun(_map, block, entries, destination, out var isData)];
        var bytes = entries.Length * BlockBytes;
        if (!isData)
        {
            return bytes;
        }

        if (!TryReadSlots(entries[0].Slot, destination[..bytes], mayWait: false))
        {
            return 0;
        }

        for (var i = 0; i < entries.Length; i++)
        {
            var content = destination.Slice(i * BlockBytes, BlockBytes);
            if (Crc32C.Compute(content) != entries[i].Checksum || _map[block + i] != entries[i])
            {
                return 0;
            }
        }

        return bytes;
    }
}
