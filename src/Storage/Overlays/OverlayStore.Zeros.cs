namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    private static readonly ReadOnlyMemory<byte> ZeroBlock = new byte[BlockBytes];
    private long _zeroedBytes;

    /// <summary>
    /// Makes exactly these bytes zero. Whole blocks give their space back; a block that is covered in part is written.
    /// </summary>
    /// <exception cref="OverlayException">As <see cref="WriteAsync"/>; the edges may have been zeroed.</exception>
    public async ValueTask ZeroAsync(
        long offset,
        long length,
        IParentReader parent,
        bool isFua = false,
        CancellationToken cancellationToken = default)
    {
        CheckRange(offset, length);
        var end = offset + length;
        var (first, last) = WholeBlocks(offset, end);
        if (last <= first)
        {
            first = last = Math.Min(first, OverlayLayout.BlocksOf(end));
        }

        await ZeroEdgeAsync(offset, Math.Min(end, first * BlockBytes), parent, cancellationToken).ConfigureAwait(false);
        await ZeroEdgeAsync(
            Math.Max(offset, Math.Max(first, last) * BlockBytes), end, parent, cancellationToken).ConfigureAwait(false);
        await ZeroBlocksAsync(first, last, cancellationToken).ConfigureAwait(false);
        if (isFua)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Tells that the bytes are not needed. The whole blocks among them read as zeros from now on and give their space
    /// back; blocks that are covered in part stay as they are.
    /// </summary>
    /// <exception cref="OverlayException">As <see cref="WriteAsync"/>.</exception>
    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, length);
        var (first, last) = WholeBlocks(offset, offset + length);
        return ZeroBlocksAsync(first, last, cancellationToken);
    }

    /// <summary>
    /// Blocks that lie between two offsets; the disk's last one counts as whole when its end is reached.
    /// </summary>
    private (long First, long Last) WholeBlocks(long offset, long end) =>
        (OverlayLayout.BlocksOf(offset), end == SizeBytes ? OverlayLayout.BlocksOf(end) : end / BlockBytes);

    private ValueTask ZeroEdgeAsync(long offset, long end, IParentReader parent, CancellationToken token) =>
        offset >= end ? default : WriteAsync(offset, ZeroBlock[..(int)(end - offset)], parent, false, token);

    private async ValueTask ZeroBlocksAsync(long block, long end, CancellationToken token)
    {
        while (block < end)
        {
            await MakeRoomAsync(token).ConfigureAwait(false);
            var leaf = block / BlockMap.LeafBlocks;
            var count = (int)Math.Min(end - block, BlockMap.LeafBlocks - (block % BlockMap.LeafBlocks));
            Enter();
            try
            {
                ZeroInLeaf(leaf, block, count);
            }
            finally
            {
                _gate.Exit();
            }

            block += count;
        }
    }

    private void ZeroInLeaf(long leaf, long block, int count)
    {
        var stripe = StripeOf(leaf);
        lock (stripe.Gate)
        {
            if (count < BlockMap.LeafBlocks)
            {
                for (var i = 0; i < count; i++)
                {
                    Change(stripe, block + i, BlockEntry.Zero, OverlaySource.Trimmed);
                }
            }
            else if (!_map.IsZeroLeaf(leaf))
            {
                ZeroLeaf(stripe, leaf, OverlaySource.Trimmed);
            }
        }

        Interlocked.Add(ref _zeroedBytes, Math.Min((long)count * BlockBytes, SizeBytes - (block * BlockBytes)));
    }

    /// <summary>Replaces a whole leaf by the one that stands for zeros. The caller holds the stripe's gate.</summary>
    private void ZeroLeaf(DirtyBlocks stripe, long leaf, OverlaySource source)
    {
        Span<BlockEntry> old = stackalloc BlockEntry[_map.IsAbsentLeaf(leaf) ? 0 : BlockMap.LeafBlocks];
        var fresh = old.IsEmpty ? LeafBits.All : default;
        var freshCount = old.IsEmpty ? BlockMap.LeafBlocks : 0;
        for (var i = 0; i < old.Length; i++)
        {
            old[i] = _map[(leaf * BlockMap.LeafBlocks) + i];
            if (old[i].IsParent)
            {
                fresh.Set(i);
                freshCount++;
            }
        }

        _map.SetZeroLeaf(leaf);
        stripe.MarkAll(leaf, fresh, freshCount, source);
        Interlocked.Add(ref _progress[(int)source], freshCount);
        for (var i = 0; i < old.Length; i++)
        {
            Count(old[i], -1);
            if (old[i].IsData)
            {
                Retire(stripe, (leaf * BlockMap.LeafBlocks) + i, old[i].Slot);
                Interlocked.Increment(ref _uncommittedBlocks);
            }
        }

        Interlocked.Add(ref _zeroBlocks, BlockMap.LeafBlocks);
        Interlocked.Increment(ref _uncommittedBlocks);
    }
}
