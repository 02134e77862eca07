namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>The first owner has nobody to fence: its number needs no place on disk before it writes.</summary>
    private const long FirstEpoch = 1;

    private int _repairedPages;

    /// <summary>
    /// Finds the overlay's files, if it has any, and makes this owner's epoch durable. The data file comes first, and
    /// is made where there is none: its lock says who owns the overlay. The map's cannot, as it is replaced by
    /// renaming, and only who holds the other may do that.
    /// </summary>
    /// <exception cref="OverlayException">The files are damaged, in use, or belong to a newer epoch.</exception>
    internal void Open()
    {
        try
        {
            _data = _files.TryOpen(_paths.Data) ?? _files.Create(_paths.Data);
            if (_files.TryOpen(_paths.Map) is { } map)
            {
                Load(map);
            }
            else
            {
                StartEmpty();
            }
        }
        catch (BlockFileBusyException e)
        {
            CloseFiles();
            throw new OverlayBusyException(DiskId, "another process has its files open", e);
        }
        catch (IOException e)
        {
            CloseFiles();
            throw e as OverlayException ?? Refuse("open the files", 0, e);
        }
    }

    /// <summary>Without a map nothing was ever flushed: what lies in the data file was cut off by a crash.</summary>
    private void StartEmpty()
    {
        if (_data!.LengthBytes > 0)
        {
            _data.PunchHole(0, _data.LengthBytes);
        }

        _files.Delete(_paths.NewMap);
        if (Epoch > FirstEpoch)
        {
            Checkpoint(SizeBytes, ProgressToCommit());
        }
    }

    private void Load(IBlockFile map)
    {
        var loader = new MapLoader(map, DiskId, new MapRestorer(_map));
        try
        {
            loader.Load();
            RefuseOlderEpoch(loader.Epoch);
        }
        catch
        {
            map.Dispose();
            throw;
        }

        _files.Delete(_paths.NewMap);
        _mapFile.Adopt(map, loader);
        _sizeBytes = loader.Header.SizeBytes;
        _repairedPages = loader.DamagedCopies;
        _progress = _committedProgress = loader.Progress;
        MarkSlots();
        CheckData();
        TakeOver(loader);
    }

    private void RefuseOlderEpoch(long found)
    {
        if (Epoch < found)
        {
            throw new OverlayFencedException(DiskId, Epoch, found);
        }
    }

    /// <summary>
    /// After a crash or rot the map is written anew: what was read may not be durable yet, and damaged copies are
    /// replaced. After an orderly end only a new epoch is noted.
    /// </summary>
    private void TakeOver(MapLoader loader)
    {
        if (!loader.IsClean)
        {
            FlushData();
            Checkpoint(SizeBytes, ProgressToCommit());
        }
        else if (loader.Epoch < Epoch)
        {
            Journal(isLast: false, epoch: Epoch);
        }
    }

    /// <summary>Slots that no block points to are free; nothing on disk says so, thus nothing can be lost.</summary>
    private void MarkSlots()
    {
        var blocks = OverlayLayout.BlocksOf(SizeBytes);
        var end = (blocks + BlockMap.LeafBlocks - 1) / BlockMap.LeafBlocks;
        for (var leaf = _map.NextPresentLeaf(0, end); leaf < end; leaf = _map.NextPresentLeaf(leaf + 1, end))
        {
            if (_map.IsZeroLeaf(leaf))
            {
                _zeroBlocks += BlockMap.LeafBlocks;
                continue;
            }

            for (var block = leaf * BlockMap.LeafBlocks; block < (leaf + 1) * BlockMap.LeafBlocks; block++)
            {
                MarkSlot(block, _map[block]);
            }
        }
    }

    private void MarkSlot(long block, BlockEntry entry)
    {
        Count(entry, 1);
        if (entry.IsData && !_slots.TryMark(entry.Slot))
        {
            throw new OverlayCorruptException(DiskId, $"block {block} shares slot {entry.Slot} with another");
        }
    }

    private void CheckData()
    {
        if (_data!.LengthBytes == 0)
        {
            if (_dataBlocks > 0)
            {
                throw new OverlayCorruptException(DiskId, $"its data file with {_dataBlocks} blocks is missing");
            }

            return;
        }

        var slot = new byte[BlockBytes];
        _ = _data.Read(0, slot);
        _hasHeader = true;
        try
        {
            var owner = DataHeader.Read(slot);
            if (owner != DiskId)
            {
                throw new OverlayCorruptException(DiskId, $"its data file belongs to disk {owner}");
            }
        }
        catch (CorruptFormatException e) when (!e.IsUnsupportedVersion)
        {
            _data.Write(0, DataHeader.Create(DiskId));
            _repairedPages++;
        }
        catch (CorruptFormatException e)
        {
            throw new OverlayCorruptException(DiskId, e.Message, e);
        }
    }

    private void CloseFiles()
    {
        _data?.Dispose();
        _mapFile.Dispose();
    }
}
