namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>
    /// Blocks that one system call reads at most: enough to hide its cost, little enough for the stack.
    /// </summary>
    private const int ReadBatchBlocks = 64;

    private const int ReadAttempts = 4;
    private long _corruptReads;

    /// <summary>
    /// Says where the bytes from <paramref name="offset"/> on are to be read, and how many of them, at most
    /// <paramref name="length"/>, have that in common. Takes no lock and does no I/O.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not on the disk.</exception>
    public OverlayExtent Lookup(long offset, long length)
    {
        CheckRange(offset, length);
        return LookUp(_map, offset, length);
    }

    internal static OverlayExtent LookUp(BlockMap map, long offset, long length)
    {
        if (length == 0)
        {
            return default;
        }

        var first = offset / BlockBytes;
        var state = map.FindRun(first, ((offset + length - 1) / BlockBytes) - first + 1, out var blocks);
        return new(state, Math.Min((first + blocks) * BlockBytes, offset + length) - offset);
    }

    /// <summary>
    /// How many bytes of a range are still the parent's to read. Takes no lock and does no I/O.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not on the disk.</exception>
    public long CountParentBytes(long offset, long length)
    {
        CheckRange(offset, length);
        if (length == 0)
        {
            return 0;
        }

        var (first, end) = (offset / BlockBytes, OverlayLayout.BlocksOf(offset + length));
        var bytes = _map.CountParent(first, end) * BlockBytes;
        bytes -= _map[first].IsParent ? offset % BlockBytes : 0;
        bytes -= _map[end - 1].IsParent ? (end * BlockBytes) - offset - length : 0;
        return Math.Clamp(bytes, 0, length);
    }

    /// <summary>True when a byte of the range is still the parent's to read. Takes no lock and does no I/O.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not on the disk.</exception>
    public bool HasParentBlocks(long offset, long length)
    {
        CheckRange(offset, length);
        return length > 0 && _map.HasParent(offset / BlockBytes, OverlayLayout.BlocksOf(offset + length));
    }

    /// <summary>
    /// Reads bytes that <see cref="Lookup"/> said are here, each block checked. Bytes may be read while others write.
    /// </summary>
    /// <exception cref="OverlayCorruptException">A block is not as it was written.</exception>
    /// <exception cref="InvalidOperationException">A block is the parent's to read.</exception>
    public void Read(long offset, Span<byte> destination)
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
                ? ReadWhole(block, destination)
                : ReadPart(block, (int)within, destination);
            offset += bytes;
            destination = destination[bytes..];
        }
    }

    /// <summary>Reads part of a block; the checksum is over the whole.</summary>
    private int ReadPart(long block, int within, Span<byte> destination)
    {
        Span<byte> content = stackalloc byte[BlockBytes];
        RefuseParent(block, ReadBlock(block, content));
        var bytes = Math.Min(BlockBytes - within, destination.Length);
        content.Slice(within, bytes).CopyTo(destination);
        return bytes;
    }

    /// <summary>Reads as many whole blocks as lie one after the other in the data file.</summary>
    private int ReadWhole(long block, Span<byte> destination)
    {
        Span<BlockEntry> entries = stackalloc BlockEntry[Math.Min(ReadBatchBlocks, destination.Length / BlockBytes)];
        entries = entries[..BeginRun(_map, block, entries, destination, out var isData)];
        var bytes = entries.Length * BlockBytes;
        if (!isData)
        {
            return bytes;
        }

        ReadSlots(entries[0].Slot, destination[..bytes]);
        for (var i = 0; i < entries.Length; i++)
        {
            var content = destination.Slice(i * BlockBytes, BlockBytes);
            if (Crc32C.Compute(content) != entries[i].Checksum || _map[block + i] != entries[i])
            {
                ReadBlock(block + i, content);
            }
        }

        return bytes;
    }

    /// <summary>Gathers the blocks that are alike from here on; zeros are in the destination at once.</summary>
    private int BeginRun(
        BlockMap map, long block, Span<BlockEntry> entries, Span<byte> destination, out bool isData)
    {
        var count = Gather(map, block, entries);
        isData = entries[0].IsData;
        if (!isData)
        {
            RefuseParent(block, entries[0]);
            destination[..(count * BlockBytes)].Clear();
        }

        return count;
    }

    /// <summary>Entries of blocks that are zero, or that lie one after the other; at least one.</summary>
    private static int Gather(BlockMap map, long block, Span<BlockEntry> entries)
    {
        entries[0] = map[block];
        var count = 1;
        while (count < entries.Length)
        {
            var entry = map[block + count];
            var follows = entries[0].IsData ? entry.Slot == entries[0].Slot + count : entry == entries[0];
            if (!follows)
            {
                break;
            }

            entries[count++] = entry;
        }

        return count;
    }

    /// <summary>
    /// Reads one block whole and returns the entry that it was read by; a block that is the parent's is left alone.
    /// A block may move while it is read, and its slot be used again; then the entry has changed and the read is
    /// repeated, at last under the lock that keeps the entry as it is.
    /// </summary>
    private BlockEntry ReadBlock(long block, Span<byte> content)
    {
        for (var attempt = 0; attempt < ReadAttempts; attempt++)
        {
            var entry = _map[block];
            if (TryReadBlock(entry, content, out _) && _map[block] == entry)
            {
                return entry;
            }
        }

        lock (StripeOf(block / BlockMap.LeafBlocks).Gate)
        {
            var entry = _map[block];
            if (TryReadBlock(entry, content, out var actual))
            {
                return entry;
            }

            if (_gate.IsClosed)
            {
                // The next owner may be using the slot already.
                ThrowClosed();
            }

            Interlocked.Increment(ref _corruptReads);
            throw new OverlayCorruptException(DiskId, block, entry.Checksum, actual);
        }
    }

    private bool TryReadBlock(BlockEntry entry, Span<byte> content, out uint actual)
    {
        actual = 0;
        if (entry.IsData)
        {
            ReadSlots(entry.Slot, content);
            actual = Crc32C.Compute(content);
            return actual == entry.Checksum;
        }

        if (entry.IsZero)
        {
            content.Clear();
        }

        return true;
    }

    /// <summary>Reads slots; what a cut file lacks reads as zeros, which the checksum then judges.</summary>
    private void ReadSlots(uint slot, Span<byte> destination) => TryReadSlots(slot, destination, mayWait: true);

    private bool TryReadSlots(uint slot, Span<byte> destination, bool mayWait)
    {
        var offset = (long)slot * BlockBytes;
        try
        {
            var bytes = 0;
            var isRead = mayWait || _data!.TryRead(offset, destination, out bytes);
            bytes = mayWait ? _data!.Read(offset, destination) : bytes;
            destination[bytes..].Clear();
            return isRead;
        }
        catch (ObjectDisposedException) when (_gate.IsClosed)
        {
            ThrowClosed();
            return false;
        }
        catch (IOException e)
        {
            throw new OverlayFailedException(DiskId, $"read slot {slot}", isFinal: false, e);
        }
    }

    private void RefuseParent(long block, BlockEntry entry)
    {
        if (entry.IsParent)
        {
            throw new InvalidOperationException(
                $"Block {block} of disk {DiskId} is not in the overlay; look it up and read the parent.");
        }
    }
}
