namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>Pages of a checkpoint that are gathered before they are written.</summary>
    private const int CheckpointBatchBytes = 1 << 20;

    private SourceCounts _committedProgress;
    private long _commitCount;
    private long _checkpointCount;
    private long _failedCheckpoints;

    /// <summary>
    /// Makes everything durable that was acknowledged before the call. Flushes that run at once share one commit: the
    /// data file is flushed, then the map is written and flushed. Cancelling ends the wait, not the commit.
    /// </summary>
    /// <exception cref="OverlayFullException">No room for the map; nothing is lost, flush again later.</exception>
    /// <exception cref="OverlayException">The flush failed for another reason.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            await _commits.RequestAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Commit()
    {
        lock (_commitGate)
        {
            CommitLocked(isLast: false);
        }
    }

    /// <summary>
    /// Order matters: retired slots are taken before dirty blocks, so each retirement's new entry is in this commit;
    /// data is flushed before the map is written, so the map never points to bytes that a crash can tear; slots are
    /// reused only when the map that has left them is durable.
    /// </summary>
    private void CommitLocked(bool isLast)
    {
        var uncommitted = Interlocked.Exchange(ref _uncommittedBlocks, 0);
        var retired = _slots.TakeRetired();
        var dirtyLeaves = _stripes.Sum(stripe => stripe.Capture());
        if (dirtyLeaves == 0 && retired.Count == 0 && !(isLast && _mapFile is { Exists: true, EndsClosed: false }))
        {
            return;
        }

        try
        {
            WriteMap(isLast);
        }
        catch (Exception)
        {
            Array.ForEach(_stripes, stripe => stripe.PutBack());
            _slots.PutBack(retired);
            Interlocked.Add(ref _uncommittedBlocks, uncommitted);
            throw;
        }

        _committedProgress = ProgressToCommit();
        Array.ForEach(_stripes, stripe => stripe.Forget());
        _slots.Release(retired);
        _commitCount++;
        if (_mapFile.IsJournalLong && !isLast)
        {
            TryCheckpoint();
        }
    }

    private void WriteMap(bool isLast)
    {
        var isFirst = !_mapFile.Exists;
        if (isFirst)
        {
            Checkpoint(SizeBytes, ProgressToCommit());
        }

        if (!isFirst || isLast)
        {
            Journal(isLast);
        }
    }

    private void Journal(bool isLast, long epoch = 0)
    {
        ThrowIfFailed();
        _mapFile.BeginCommit(_pages);
        if (epoch != 0)
        {
            _pages.AddEpoch(epoch);
        }

        AddDirty();
        _pages.AddProgress(ProgressToCommit());
        if (isLast)
        {
            _pages.AddClosed();
        }

        FlushData();
        try
        {
            _mapFile.Append(_pages);
        }
        catch (IOException e)
        {
            throw Refuse("write to the map", _pages.LengthBytes, e);
        }

        try
        {
            _mapFile.EndCommit(_pages, isLast);
        }
        catch (IOException e)
        {
            throw Fail("flush the map", e);
        }
    }

    /// <summary>What the map on disk has of the progress, with what the commit under way adds.</summary>
    private SourceCounts ProgressToCommit()
    {
        var progress = _committedProgress;
        foreach (var stripe in _stripes)
        {
            progress.Add(stripe.CapturedCounts);
        }

        return progress;
    }

    private void AddDirty()
    {
        foreach (var stripe in _stripes)
        {
            foreach (var (leaf, changes) in stripe.Captured)
            {
                AddLeaf(leaf, changes.Dirty);
            }
        }
    }

    private void AddLeaf(long leaf, in LeafBits bits)
    {
        var first = leaf * BlockMap.LeafBlocks;
        if (bits.IsAll && _map.IsZeroLeaf(leaf))
        {
            _pages.AddZeros(first, BlockMap.LeafBlocks);
            return;
        }

        for (var within = 0; within < BlockMap.LeafBlocks; within++)
        {
            if (bits.IsSet(within))
            {
                _pages.Add(first + within, _map[first + within]);
            }
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new OverlayFailedException(DiskId, "commit changes", isFinal: true, failure);
        }
    }

    /// <summary>
    /// After a failed flush the system may take lost pages for clean ones, so there is no second attempt.
    /// </summary>
    private void FlushData()
    {
        if (!Volatile.Read(ref _hasHeader))
        {
            return;
        }

        try
        {
            _data!.Flush();
            if (_areNamesNew)
            {
                _files.FlushDirectory(_paths.Directory);
                _areNamesNew = false;
            }
        }
        catch (IOException e)
        {
            throw Fail("flush the data file", e);
        }
    }

    /// <summary>The commit before it is durable, so a checkpoint that finds no room can wait.</summary>
    private void TryCheckpoint()
    {
        try
        {
            Checkpoint(SizeBytes, ProgressToCommit());
            PunchHoles();
        }
        catch (OverlayException) when (_failure is null)
        {
            _failedCheckpoints++;
        }
    }

    /// <summary>Writes the whole map to a new file that replaces the old one.</summary>
    private void Checkpoint(long sizeBytes, in SourceCounts progress)
    {
        ThrowIfFailed();
        try
        {
            _mapFile.BeginCheckpoint(_pages);
            AddAll(OverlayLayout.BlocksOf(sizeBytes));
            FlushData();
            _mapFile.AppendCheckpoint(_pages);
            _mapFile.EndCheckpoint(DiskId, sizeBytes, Epoch, progress);
        }
        catch (IOException e)
        {
            DropCheckpoint();
            throw e as OverlayException ?? Refuse("write the map", _pages.LengthBytes, e);
        }

        try
        {
            _mapFile.PublishCheckpoint();
            _checkpointCount++;
        }
        catch (IOException e)
        {
            throw Fail("replace the map", e);
        }
    }

    private void DropCheckpoint()
    {
        try
        {
            _mapFile.AbandonCheckpoint();
        }
        catch (IOException)
        {
            // The next checkpoint, or the next owner, deletes the leftover.
        }
    }

    private void AddAll(long blocks)
    {
        var end = (blocks + BlockMap.LeafBlocks - 1) / BlockMap.LeafBlocks;
        for (var leaf = _map.NextPresentLeaf(0, end); leaf < end; leaf = _map.NextPresentLeaf(leaf + 1, end))
        {
            AddLeafUpTo(leaf, blocks);
            if (_pages.LengthBytes >= CheckpointBatchBytes)
            {
                FlushData();
                _mapFile.AppendCheckpoint(_pages);
            }
        }
    }

    /// <summary>
    /// Leaves out what has left the parent since the commit's capture: the progress does not count it yet, and the next
    /// commit names it.
    /// </summary>
    private void AddLeafUpTo(long leaf, long blocks)
    {
        Span<BlockEntry> entries = stackalloc BlockEntry[BlockMap.LeafBlocks];
        var first = leaf * BlockMap.LeafBlocks;
        entries = entries[..(int)Math.Min(BlockMap.LeafBlocks, blocks - first)];
        LeafBits fresh;
        bool isZero;
        var stripe = StripeOf(leaf);
        lock (stripe.Gate)
        {
            fresh = stripe.FreshIn(leaf);
            isZero = _map.IsZeroLeaf(leaf) && fresh.IsNone;
            _map.CopyTo(first, isZero ? default : entries);
        }

        if (isZero)
        {
            _pages.AddZeros(first, (uint)entries.Length);
            return;
        }

        for (var within = 0; within < entries.Length; within++)
        {
            if (!fresh.IsSet(within))
            {
                _pages.Add(first + within, entries[within]);
            }
        }
    }
}
