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
    /// <param name="cancellationToken">Ends a wait for a commit that is due.</param>
    /// <exception cref="OverlayException">As <see cref="WriteAsync"/>; earlier blocks may have been stored.</exception>
    public ValueTask<long> HydrateAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, data.Length);
        var isWhole = data.Length % BlockBytes == 0 || offset + data.Length == SizeBytes;
        if (offset % BlockBytes != 0 || !isWhole)
        {
            throw new ArgumentException($"Hydration of {data.Length} bytes at {offset} is not of whole blocks.");
        }

        return IsCommitDue ? HydrateAfterCommitAsync(offset, data, cancellationToken) : new(Hydrate(offset, data.Span));
    }

    private async ValueTask<long> HydrateAfterCommitAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return Hydrate(offset, data.Span);
    }

    private long Hydrate(long offset, ReadOnlySpan<byte> data)
    {
        Enter();
        var scratch = _scratch.Rent();
        try
        {
            long taken = 0;
            for (var block = offset / BlockBytes; !data.IsEmpty;)
            {
                var bytes = HydrateRun(block, data, scratch.Runs, out var stored);
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
    private int HydrateRun(long block, ReadOnlySpan<byte> data, List<SlotRun> runs, out long stored)
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
            _ => HydrateData(block, data[..bytes], runs),
        };
        stored = Math.Min(stored, bytes);
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

    private long HydrateZeros(long block, int count)
    {
        long taken = 0;
        for (var i = 0; i < count; i++)
        {
            var stripe = StripeOf((block + i) / BlockMap.LeafBlocks);
            lock (stripe.Gate)
            {
                if (_map[block + i].IsParent)
                {
                    Change(stripe, block + i, BlockEntry.Zero);
                    taken += BlockBytes;
                }
            }
        }

        return taken;
    }

    private long HydrateData(long block, ReadOnlySpan<byte> data, List<SlotRun> runs)
    {
        var whole = data.Length / BlockBytes * BlockBytes;
        long taken = HydrateBlocks(block, data[..whole], runs);
        if (whole < data.Length)
        {
            Span<byte> padded = stackalloc byte[BlockBytes];
            padded.Clear();
            data[whole..].CopyTo(padded);
            taken += HydrateBlocks(block + (whole / BlockBytes), padded, runs);
        }

        return taken * BlockBytes;
    }

    private int HydrateBlocks(long block, ReadOnlySpan<byte> data, List<SlotRun> runs)
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

        return PublishRuns(block, runs, data, onlyAbsent: true);
    }
}
