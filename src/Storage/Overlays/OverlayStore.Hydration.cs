namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    private long _hydratedBytes;

    /// <summary>
    /// Stores the parent's bytes where the overlay has nothing yet; what a guest has written or zeroed stays, also if
    /// it does so at the same time. Blocks of zeros take no space. Returns the bytes that were missing.
    /// </summary>
    /// <param name="offset">A multiple of the block size.</param>
    /// <param name="data">Whole blocks; at the disk's end the last may be short.</param>
    /// <param name="source">
    /// What the bytes were fetched for: <see cref="OverlaySource.GuestRead"/>, <see cref="OverlaySource.Prefetched"/>
    /// or <see cref="OverlaySource.Hydrated"/>. Blocks of zeros count as <see cref="OverlaySource.Zero"/>.
    /// </param>
    /// <param name="cancellationToken">Ends a wait for a commit that is due.</param>
    /// <exception cref="OverlayException">As <see cref="WriteAsync"/>; earlier blocks may have been stored.</exception>
    public ValueTask<long> HydrateAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        OverlaySource source = OverlaySource.Hydrated,
        CancellationToken cancellationToken = default)
    {
        CheckWholeBlocks(offset, data.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)source, (uint)OverlaySource.Hydrated, nameof(source));
        return IsCommitDue
            ? HydrateAfterCommitAsync(offset, data, source, cancellationToken)
            : new(Hydrate(offset, data.Span, source));
    }

    /// <summary>
    /// As <see cref="HydrateAsync"/> for a range of which the parent has nothing but zeros. Takes a few bytes of memory
    /// a MiB where the overlay has nothing.
    /// </summary>
    /// <param name="offset">A multiple of the block size.</param>
    /// <param name="length">Whole blocks; at the disk's end the last may be short.</param>
    /// <param name="cancellationToken">Ends it between two MiB; what was done stays done.</param>
    /// <exception cref="OverlayException">As <see cref="WriteAsync"/>; earlier blocks may have been zeroed.</exception>
    public async ValueTask<long> HydrateZeroesAsync(
        long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckWholeBlocks(offset, length);
        long taken = 0;
        var end = OverlayLayout.BlocksOf(offset + length);
        for (var block = offset / BlockBytes; block < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await MakeRoomAsync(cancellationToken).ConfigureAwait(false);
            var count = (int)Math.Min(end - block, BlockMap.LeafBlocks - (block % BlockMap.LeafBlocks));
            taken += HydrateZeroes(block, count);
            block += count;
        }

        return taken;
    }

    private void CheckWholeBlocks(long offset, long length)
    {
        CheckRange(offset, length);
        var isWhole = length % BlockBytes == 0 || offset + length == SizeBytes;
        if (offset % BlockBytes != 0 || !isWhole)
        {
            throw new ArgumentException($"Hydration of {length} bytes at {offset} is not of whole blocks.");
        }
    }

    private async ValueTask<long> HydrateAfterCommitAsync(
        long offset, ReadOnlyMemory<byte> data, OverlaySource source, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return Hydrate(offset, data.Span, source);
    }

    private long HydrateZeroes(long block, int count)
    {
        Enter();
        try
        {
            var taken = HydrateZeros(block, count);
            Interlocked.Add(ref _hydratedBytes, taken);
            return taken;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private long Hydrate(long offset, ReadOnlySpan<byte> data, OverlaySource source)
    {
        Enter();
        var scratch = _scratch.Rent();
        try
        {
            long taken = 0;
            for (var block = offset / BlockBytes; !data.IsEmpty;)
            {
                var bytes = HydrateRun(block, data, source, scratch.Runs, out var stored);
                taken += stored;
                block += OverlayLayout.BlocksOf(bytes);
                data = data[bytes..];
            }

            Interlocked.Add(ref _hydratedBytes, taken);
            return taken;
        }
        finally
        {
            _scratch.Return(scratch);
            _gate.Exit();
        }
    }

    /// <summary>Takes the blocks at the front that are alike: present, zero, or to be stored.</summary>
    private int HydrateRun(
        long block, ReadOnlySpan<byte> data, OverlaySource source, List<SlotRun> runs, out long stored)
    {
        var kind = KindOf(block, data);
        var bytes = 0;
        do
        {
            bytes += Math.Min(BlockBytes, data.Length - bytes);
        }
        while (bytes < data.Length && KindOf(block + (bytes / BlockBytes), data[bytes..]) == kind);
        stored = kind switch
        {
            OverlayBlockState.Parent => 0,
            OverlayBlockState.Zero => HydrateZeros(block, (int)OverlayLayout.BlocksOf(bytes)),
            _ => HydrateData(block, data[..bytes], source, runs),
        };
        return bytes;
    }

    /// <summary>What is to become of a block; <see cref="OverlayBlockState.Parent"/> says that nothing is.</summary>
    private OverlayBlockState KindOf(long block, ReadOnlySpan<byte> data)
    {
        if (!_map[block].IsParent)
        {
            return OverlayBlockState.Parent;
        }

        var isZero = ZeroDetector.IsZero(data[..Math.Min(BlockBytes, data.Length)]);
        return isZero ? OverlayBlockState.Zero : OverlayBlockState.Data;
    }

    /// <summary>Makes blocks zero that are still the parent's; returns their bytes on the disk.</summary>
    private long HydrateZeros(long block, int count)
    {
        long taken = 0;
        for (var end = block + count; block < end; block += count)
        {
            count = (int)Math.Min(end - block, BlockMap.LeafBlocks - (block % BlockMap.LeafBlocks));
            taken += HydrateZerosInLeaf(block / BlockMap.LeafBlocks, block, count);
        }

        return taken;
    }

    private long HydrateZerosInLeaf(long leaf, long block, int count)
    {
        long taken = 0;
        var stripe = StripeOf(leaf);
        lock (stripe.Gate)
        {
            if (_map.IsZeroLeaf(leaf))
            {
                return 0;
            }

            if (count == BlockMap.LeafBlocks && _map.IsAbsentLeaf(leaf))
            {
                ZeroLeaf(stripe, leaf, OverlaySource.Zero);
                return BytesOf(block, count);
            }

            for (var i = 0; i < count; i++)
            {
                if (_map[block + i].IsParent)
                {
                    Change(stripe, block + i, BlockEntry.Zero, OverlaySource.Zero);
                    taken += BytesOf(block + i, 1);
                }
            }
        }

        return taken;
    }

    /// <summary>Bytes of blocks that are on the disk; its last block may be short.</summary>
    private long BytesOf(long block, long count) =>
        Math.Min(count * BlockBytes, SizeBytes - (block * BlockBytes));

    private long HydrateData(long block, ReadOnlySpan<byte> data, OverlaySource source, List<SlotRun> runs)
    {
        var whole = data.Length / BlockBytes * BlockBytes;
        long taken = (long)HydrateBlocks(block, data[..whole], source, runs) * BlockBytes;
        if (whole < data.Length)
        {
            Span<byte> padded = stackalloc byte[BlockBytes];
            padded.Clear();
            data[whole..].CopyTo(padded);
            taken += HydrateBlocks(block + (whole / BlockBytes), padded, source, runs) * (data.Length - whole);
        }

        return taken;
    }

    private int HydrateBlocks(long block, ReadOnlySpan<byte> data, OverlaySource source, List<SlotRun> runs)
    {
        runs.Clear();
        try
        {
            Store(data, runs);
        }
        catch
        {
            foreach (var run in runs)
            {
                _slots.Free(run);
            }

            throw;
        }

        return PublishRuns(block, runs, data, source);
    }
}
