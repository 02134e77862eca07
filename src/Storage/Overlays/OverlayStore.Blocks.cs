using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    private long _dataBlocks;
    private long _zeroBlocks;
    private long _uncommittedBlocks;
    private SourceCounts _progress;

    private long ParentBlocks => OverlayLayout.BlocksOf(SizeBytes)
        - Volatile.Read(ref _dataBlocks) - Volatile.Read(ref _zeroBlocks);

    /// <summary>
    /// Shows stored blocks to readers; returns how many of them were taken: only a guest's replace what is there.
    /// </summary>
    private int PublishRuns(long block, List<SlotRun> runs, ReadOnlySpan<byte> content, OverlaySource source)
    {
        var taken = 0;
        foreach (var whole in CollectionsMarshal.AsSpan(runs))
        {
            for (var run = whole; run.Count > 0;)
            {
                var count = (int)Math.Min(run.Count, BlockMap.LeafBlocks - (block % BlockMap.LeafBlocks));
                taken += PublishInLeaf(block, new(run.Start, count), content, source);
                run = new(run.Start + (uint)count, run.Count - count);
                block += count;
                content = content[(count * BlockBytes)..];
            }
        }

        return taken;
    }

    private int PublishInLeaf(long block, SlotRun run, ReadOnlySpan<byte> content, OverlaySource source)
    {
        Span<uint> checksums = stackalloc uint[run.Count];
        for (var i = 0; i < run.Count; i++)
        {
            checksums[i] = Crc32C.Compute(content.Slice(i * BlockBytes, BlockBytes));
        }

        var taken = 0;
        var stripe = StripeOf(block / BlockMap.LeafBlocks);
        lock (stripe.Gate)
        {
            for (var i = 0; i < run.Count; i++)
            {
                if (source != OverlaySource.Overwritten && !_map[block + i].IsParent)
                {
                    _slots.Free(new(run.Start + (uint)i, 1));
                    continue;
                }

                Change(stripe, block + i, BlockEntry.Data(run.Start + (uint)i, checksums[i]), source);
                taken++;
            }
        }

        return taken;
    }

    /// <summary>
    /// Changes a block's entry. The caller holds the stripe's gate. The mark comes before the old slot is retired:
    /// whoever commits the retirement then also commits the new entry.
    /// </summary>
    private void Change(DirtyBlocks stripe, long block, BlockEntry entry, OverlaySource source)
    {
        var old = _map.Exchange(block, entry);
        var (leaf, within) = Math.DivRem(block, BlockMap.LeafBlocks);
        if (old.IsParent)
        {
            stripe.MarkFresh(leaf, (int)within, source);
            Interlocked.Increment(ref _progress[(int)source]);
        }
        else
        {
            stripe.Mark(leaf, (int)within);
        }

        if (old.IsData)
        {
            Retire(stripe, block, old.Slot);
        }

        Count(old, -1);
        Count(entry, 1);
        Interlocked.Increment(ref _uncommittedBlocks);
    }

    private void Count(BlockEntry entry, int sign)
    {
        if (entry.IsData)
        {
            Interlocked.Add(ref _dataBlocks, sign);
        }
        else if (entry.IsZero)
        {
            Interlocked.Add(ref _zeroBlocks, sign);
        }
    }

    /// <summary>The data file, with its header, which is written before the first block.</summary>
    private IBlockFile DataFile()
    {
        if (!Volatile.Read(ref _hasHeader))
        {
            lock (_createGate)
            {
                BeginData();
            }
        }

        return _data!;
    }

    private void BeginData()
    {
        if (_hasHeader)
        {
            return;
        }

        try
        {
            _data!.Write(0, DataHeader.Create(DiskId));
            _areNamesNew = true;
            Volatile.Write(ref _hasHeader, true);
        }
        catch (IOException e)
        {
            throw Refuse("begin the data file", BlockBytes, e);
        }
    }
}
