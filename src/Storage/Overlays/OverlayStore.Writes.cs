namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    private long _writtenBytes;

    /// <summary>
    /// Writes bytes; they are durable after the next flush, or at once with <paramref name="isFua"/>. A block that is
    /// covered in part takes its other bytes from the overlay or else from <paramref name="parent"/>. Completes
    /// synchronously and without allocating unless the parent is needed, a commit is due or FUA asks for one.
    /// <paramref name="data"/> must not change until the write has completed.
    /// </summary>
    /// <exception cref="OverlayFullException">There is no room; nothing was changed.</exception>
    /// <exception cref="OverlayFencedException">A newer owner has the overlay.</exception>
    /// <exception cref="OverlayException">The write failed for another reason.</exception>
    public ValueTask WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        IParentReader parent,
        bool isFua = false,
        CancellationToken cancellationToken = default)
    {
        CheckRange(offset, data.Length);
        var scratch = _scratch.Rent();
        scratch.Plan(offset, data.Length, SizeBytes);
        if (!isFua && !IsCommitDue && !NeedsParent(scratch.Head) && !NeedsParent(scratch.Tail))
        {
            try
            {
                WriteNow(scratch, data.Span);
                _scratch.Return(scratch);
                return default;
            }
            catch (OverlayFullException) when (_slots.RetiredSlots > 0)
            {
                // The commit that the slow path starts with gives back the slots of superseded blocks.
            }
        }

        return WriteSlowlyAsync(scratch, data, parent, isFua, cancellationToken);
    }

    private bool IsCommitDue => Volatile.Read(ref _uncommittedBlocks) >= _options.MaxUncommittedBlocks;

    private bool NeedsParent(EdgeBlock edge) =>
        edge.IsUsed && !edge.IsWhole && !edge.HasParent && _map[edge.Block].IsParent;

    private async ValueTask WriteSlowlyAsync(
        WriteScratch scratch, ReadOnlyMemory<byte> data, IParentReader parent, bool isFua, CancellationToken token)
    {
        await FetchAsync(scratch.Head, parent, token).ConfigureAwait(false);
        await FetchAsync(scratch.Tail, parent, token).ConfigureAwait(false);
        await MakeRoomAsync(token).ConfigureAwait(false);
        try
        {
            WriteNow(scratch, data.Span);
        }
        catch (OverlayFullException) when (_slots.RetiredSlots > 0)
        {
            await FlushAsync(token).ConfigureAwait(false);
            WriteNow(scratch, data.Span);
        }

        _scratch.Return(scratch);
        if (isFua)
        {
            await FlushAsync(token).ConfigureAwait(false);
        }
    }

    private ValueTask MakeRoomAsync(CancellationToken token) => IsCommitDue ? new(FlushAsync(token)) : default;

    private async ValueTask FetchAsync(EdgeBlock edge, IParentReader parent, CancellationToken token)
    {
        if (NeedsParent(edge))
        {
            var start = edge.Block * BlockBytes;
            var length = (int)Math.Min(BlockBytes, SizeBytes - start);
            edge.Content.AsSpan(length).Clear();
            await parent.ReadAsync(start, edge.Content.AsMemory(0, length), token).ConfigureAwait(false);
            edge.HasParent = true;
        }
    }

    /// <summary>Stores everything first and shows it to readers after, so that want of space changes nothing.</summary>
    private void WriteNow(WriteScratch scratch, ReadOnlySpan<byte> data)
    {
        Enter();
        try
        {
            var middle = data.Slice(scratch.DataOffset, scratch.LengthBytes);
            try
            {
                Store(middle, scratch.Runs);
                StoreEdge(scratch.Head, data);
                StoreEdge(scratch.Tail, data);
            }
            catch
            {
                FreeAll(scratch);
                throw;
            }

            PublishRuns(scratch.FirstBlock, scratch.Runs, middle, OverlaySource.Overwritten);
            PublishEdge(scratch.Head, data);
            PublishEdge(scratch.Tail, data);
            Interlocked.Add(ref _writtenBytes, data.Length);
            if (Volatile.Read(ref _uncommittedBlocks) >= _options.EarlyCommitBlocks)
            {
                // Long before it is due: then a steady writer need not stop for it.
                _commits.Nudge();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>
    /// Writes whole blocks to free slots: holes where they are worth it, or where the file cannot grow.
    /// </summary>
    private void Store(ReadOnlySpan<byte> blocks, List<SlotRun> runs)
    {
        IOException? full = null;
        while (!blocks.IsEmpty)
        {
            var run = _slots.Allocate(blocks.Length / BlockBytes, mustReuse: full is not null);
            if (run.Count == 0)
            {
                throw new OverlayFullException(DiskId, blocks.Length, full ?? new IOException("All slots are in use."));
            }

            try
            {
                DataFile().Write(run.OffsetBytes, blocks[..run.LengthBytes]);
                runs.Add(run);
                blocks = blocks[run.LengthBytes..];
            }
            catch (IOException e)
            {
                _slots.Free(run);
                if (full is not null || !DiskFull.Is(e) || e is OverlayException)
                {
                    throw e as OverlayException ?? Refuse("write to the data file", blocks.Length, e);
                }

                full = e;
            }
        }
    }

    /// <summary>Lays the write's bytes over what the block holds, and stores the result.</summary>
    private void StoreEdge(EdgeBlock edge, ReadOnlySpan<byte> data)
    {
        if (!edge.IsUsed)
        {
            return;
        }

        Merge(edge, data);
        if (edge.Slot.Count == 0)
        {
            edge.Runs.Clear();
            Store(edge.Content, edge.Runs);
            edge.Slot = edge.Runs[0];
        }
        else
        {
            // Nobody knows of the slot yet, so it may be written again.
            DataFile().Write(edge.Slot.OffsetBytes, edge.Content);
        }
    }

    private void Merge(EdgeBlock edge, ReadOnlySpan<byte> data)
    {
        edge.Expected = edge.IsWhole ? _map[edge.Block] : ReadBlock(edge.Block, edge.Content);
        if (edge.IsWhole)
        {
            edge.Content.AsSpan().Clear();
        }
        else if (edge.Expected.IsParent && !edge.HasParent)
        {
            throw new InvalidOperationException(
                $"Block {edge.Block} of disk {DiskId} left the overlay during a write.");
        }

        data.Slice(edge.DataOffset, edge.Length).CopyTo(edge.Content.AsSpan(edge.Within));
    }

    private void PublishEdge(EdgeBlock edge, ReadOnlySpan<byte> data)
    {
        while (edge.IsUsed && !TryPublishEdge(edge))
        {
            // Somebody wrote to the other part of the block meanwhile: lay the bytes over that.
            try
            {
                StoreEdge(edge, data);
            }
            catch (Exception e)
            {
                _slots.Free(edge.Slot);
                throw e as OverlayException ?? Refuse("write to the data file", BlockBytes, e);
            }
        }
    }

    private bool TryPublishEdge(EdgeBlock edge)
    {
        var entry = BlockEntry.Data(edge.Slot.Start, Crc32C.Compute(edge.Content));
        var stripe = StripeOf(edge.Block / BlockMap.LeafBlocks);
        lock (stripe.Gate)
        {
            if (!edge.IsWhole && _map[edge.Block] != edge.Expected)
            {
                return false;
            }

            Change(stripe, edge.Block, entry, OverlaySource.Overwritten);
            return true;
        }
    }

    private void FreeAll(WriteScratch scratch)
    {
        foreach (var run in scratch.Runs)
        {
            _slots.Free(run);
        }

        scratch.Runs.Clear();
        FreeEdge(scratch.Head);
        FreeEdge(scratch.Tail);
    }

    private void FreeEdge(EdgeBlock edge)
    {
        if (edge.Slot.Count > 0)
        {
            _slots.Free(edge.Slot);
            edge.Slot = default;
        }
    }
}
