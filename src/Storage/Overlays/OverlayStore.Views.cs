namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>Most frozen views that are open at once.</summary>
    public const int MaxViews = 4;

    private readonly Lock _viewGate = new();
    private readonly List<OverlayView> _views = [];
    private int _viewCount;
    private long _heldSlots;

    private long ViewMemoryBytes
    {
        get
        {
            lock (_viewGate)
            {
                return _map.RetainedBytes + _views.Sum(view => view.Map.MemoryBytes);
            }
        }
    }

    /// <summary>
    /// Flushes, then freezes a view of this moment: every write that was acknowledged before the call is in it, and of
    /// writes under way what a power cut would leave. Guests go on writing; they wait only while a reference a MiB is
    /// copied. At most <see cref="MaxViews"/> at once. The caller disposes the view, before or after the overlay.
    /// </summary>
    /// <exception cref="OverlayViewLimitException">Too many views are open.</exception>
    /// <exception cref="OverlayException">The flush failed.</exception>
    public async Task<OverlayView> FreezeAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _viewCount) > MaxViews)
        {
            Interlocked.Decrement(ref _viewCount);
            throw new OverlayViewLimitException(DiskId, MaxViews);
        }

        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            return Freeze();
        }
        catch
        {
            Interlocked.Decrement(ref _viewCount);
            throw;
        }
    }

    private OverlayView Freeze()
    {
        Enter();
        var held = 0;
        try
        {
            // The size does not change while a commit's lock is held, and the map not while the stripes' are.
            lock (_commitGate)
            {
                lock (_viewGate)
                {
                    for (; held < Stripes; held++)
                    {
                        _stripes[held].Gate.Enter();
                    }

                    return FreezeLocked();
                }
            }
        }
        finally
        {
            while (held > 0)
            {
                _stripes[--held].Gate.Exit();
            }

            _gate.Exit();
        }
    }

    private OverlayView FreezeLocked()
    {
        var view = new OverlayView(this, _map.Freeze(), SizeBytes);
        _views.Add(view);
        foreach (var stripe in _stripes)
        {
            stripe.Views = [.. stripe.Views, view];
        }

        return view;
    }

    /// <summary>
    /// Gives up what only this view shows: the blocks that have changed since. One stripe after the other, each under
    /// its gate: a slot that is superseded after its stripe's turn is retired by who supersedes it.
    /// </summary>
    internal void Release(OverlayView view)
    {
        lock (_viewGate)
        {
            for (var stripe = 0; stripe < Stripes; stripe++)
            {
                lock (_stripes[stripe].Gate)
                {
                    _stripes[stripe].Views = [.. _stripes[stripe].Views.Where(other => other != view)];
                    ReleaseStripe(view, stripe);
                }
            }

            _views.Remove(view);
            _map.Thaw();
        }

        Interlocked.Decrement(ref _viewCount);
    }

    private void ReleaseStripe(OverlayView view, int stripe)
    {
        var end = (OverlayLayout.BlocksOf(view.SizeBytes) + BlockMap.LeafBlocks - 1) / BlockMap.LeafBlocks;
        for (long leaf = stripe; leaf < end; leaf += Stripes)
        {
            if (!_map.SharesLeaf(view.Map, leaf) && !view.Map.IsAbsentLeaf(leaf) && !view.Map.IsZeroLeaf(leaf))
            {
                ReleaseLeaf(view, _stripes[stripe], leaf * BlockMap.LeafBlocks);
            }
        }
    }

    private void ReleaseLeaf(OverlayView view, DirtyBlocks stripe, long first)
    {
        for (var block = first; block < first + BlockMap.LeafBlocks; block++)
        {
            var frozen = view.Map[block];
            if (frozen.IsData && _map[block].Slot != frozen.Slot && !IsHeld(stripe, block, frozen.Slot))
            {
                Interlocked.Decrement(ref _heldSlots);
                _slots.Retire(frozen.Slot);
            }
        }
    }

    /// <summary>
    /// Notes that a block has left a slot. The caller holds the stripe's gate. While a view shows the slot it is kept.
    /// </summary>
    private void Retire(DirtyBlocks stripe, long block, uint slot)
    {
        if (IsHeld(stripe, block, slot))
        {
            Interlocked.Increment(ref _heldSlots);
        }
        else
        {
            _slots.Retire(slot);
        }
    }

    private static bool IsHeld(DirtyBlocks stripe, long block, uint slot)
    {
        foreach (var view in stripe.Views)
        {
            if (view.Holds(block, slot))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads by a frozen map. Whoever closes the files waits for it.</summary>
    internal void ReadFrozen(BlockMap map, long offset, Span<byte> destination)
    {
        if (!_gate.TryEnter())
        {
            ThrowClosed();
        }

        try
        {
            while (!destination.IsEmpty)
            {
                var (block, within) = Math.DivRem(offset, BlockBytes);
                var bytes = within == 0 && destination.Length >= BlockBytes
                    ? ReadFrozenWhole(map, block, destination)
                    : ReadFrozenPart(map, block, (int)within, destination);
                offset += bytes;
                destination = destination[bytes..];
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    private int ReadFrozenPart(BlockMap map, long block, int within, Span<byte> destination)
    {
        Span<byte> content = stackalloc byte[BlockBytes];
        ReadFrozenWhole(map, block, content);
        var bytes = Math.Min(BlockBytes - within, destination.Length);
        content.Slice(within, bytes).CopyTo(destination);
        return bytes;
    }

    private int ReadFrozenWhole(BlockMap map, long block, Span<byte> destination)
    {
        Span<BlockEntry> entries = stackalloc BlockEntry[Math.Min(ReadBatchBlocks, destination.Length / BlockBytes)];
        entries = entries[..BeginRun(map, block, entries, destination, out var isData)];
        var bytes = entries.Length * BlockBytes;
        if (!isData)
        {
            return bytes;
        }

        ReadSlots(entries[0].Slot, destination[..bytes]);
        for (var i = 0; i < entries.Length; i++)
        {
            var actual = Crc32C.Compute(destination.Slice(i * BlockBytes, BlockBytes));
            if (actual != entries[i].Checksum)
            {
                Interlocked.Increment(ref _corruptReads);
                throw new OverlayCorruptException(DiskId, block + i, entries[i].Checksum, actual);
            }
        }

        return bytes;
    }
}
