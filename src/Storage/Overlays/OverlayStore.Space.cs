namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>Holes shorter than this cost more to punch than they give.</summary>
    private const int MinHoleSlots = 16;

    private const int MinFreeSlots = 4096;

    /// <summary>
    /// Changes the size of the disk, durably. Nobody may use the overlay meanwhile. Bytes that are added read as
    /// zeros; bytes that are cut off are gone.
    /// </summary>
    /// <param name="sizeBytes">The new size: a multiple of the block size.</param>
    /// <param name="cancellationToken">Ends the wait for the flush before it.</param>
    /// <exception cref="OverlayException">The size is as it was.</exception>
    public async Task ResizeAsync(long sizeBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeBytes, MaxSizeBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sizeBytes % BlockBytes, 0, nameof(sizeBytes));
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        Enter();
        try
        {
            lock (_commitGate)
            {
                Resize(OverlayLayout.BlocksOf(SizeBytes), OverlayLayout.BlocksOf(sizeBytes), sizeBytes);
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>What lies past the size is never looked at, so it may be prepared before the size is durable.</summary>
    private void Resize(long oldBlocks, long newBlocks, long sizeBytes)
    {
        _map.EnsureCapacity(newBlocks);
        if (newBlocks > oldBlocks)
        {
            new MapRestorer(_map).OnZeros(oldBlocks, newBlocks - oldBlocks);
        }

        var progress = ProgressToCommit();
        progress[(int)OverlaySource.Trimmed] += Math.Max(0, newBlocks - oldBlocks);
        var cut = Math.Max(0, oldBlocks - newBlocks);
        progress.Remove(cut - _map.CountParent(oldBlocks - cut, oldBlocks));
        Checkpoint(sizeBytes, progress);
        Volatile.Write(ref _sizeBytes, sizeBytes);
        if (newBlocks > oldBlocks)
        {
            Interlocked.Add(ref _zeroBlocks, newBlocks - oldBlocks);
        }
        else
        {
            CutOff(newBlocks, oldBlocks);
        }

        for (var source = 0; source < SourceCounts.Sources; source++)
        {
            Interlocked.Add(ref _progress[source], progress[source] - _committedProgress[source]);
        }

        _committedProgress = progress;
    }

    private void CutOff(long from, long end)
    {
        var endLeaf = (end + BlockMap.LeafBlocks - 1) / BlockMap.LeafBlocks;
        for (var leaf = from / BlockMap.LeafBlocks; leaf < endLeaf; leaf++)
        {
            leaf = _map.NextPresentLeaf(leaf, endLeaf);
            if (leaf < endLeaf)
            {
                CutOffInLeaf(leaf, Math.Max(from, leaf * BlockMap.LeafBlocks), end);
            }
        }
    }

    private void CutOffInLeaf(long leaf, long from, long end)
    {
        var first = leaf * BlockMap.LeafBlocks;
        var isWhole = from == first;
        var stripe = StripeOf(leaf);
        lock (stripe.Gate)
        {
            for (var block = from; block < Math.Min(end, first + BlockMap.LeafBlocks); block++)
            {
                var old = isWhole ? _map[block] : _map.Exchange(block, BlockEntry.Parent);
                Count(old, -1);
                if (old.IsData)
                {
                    Retire(stripe, block, old.Slot);
                }
            }

            if (isWhole)
            {
                _map.RemoveLeaf(leaf);
            }
        }
    }

    /// <summary>Gives long runs of free slots back to the file system once they are half of the file.</summary>
    private void PunchHoles()
    {
        if (_data is not { } data || _slots.FreeSlots < MinFreeSlots || _slots.FreeSlots * 2 < _slots.EndSlot)
        {
            return;
        }

        long from = 1;
        while (_slots.TakeHole(from, MinHoleSlots) is { Count: > 0 } hole)
        {
            // Taken meanwhile, so that no write lands in it; what is punched belongs to no map on disk.
            data.PunchHole(hole.OffsetBytes, hole.LengthBytes);
            _slots.Free(hole);
            from = (long)hole.Start + hole.Count;
        }
    }
}
