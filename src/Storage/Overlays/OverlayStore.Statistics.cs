namespace SnapshotGrains.Storage;

public sealed partial class OverlayStore
{
    /// <summary>Figures of this moment; those of things under way may be a step apart.</summary>
    public OverlayStatistics Statistics => new()
    {
        WrittenBytes = Volatile.Read(ref _writtenBytes),
        ZeroedBytes = Volatile.Read(ref _zeroedBytes),
        HydratedBytes = Volatile.Read(ref _hydratedBytes),
        DataBlocks = Volatile.Read(ref _dataBlocks),
        ZeroBlocks = Volatile.Read(ref _zeroBlocks),
        ParentBlocks = ParentBlocks,
        Progress = _progress.Progress,
        MapMemoryBytes = _map.MemoryBytes + _slots.MemoryBytes,
        DataFileBytes = _gate.IsClosed ? 0 : _data?.LengthBytes ?? 0,
        MapFileBytes = _mapFile.LengthBytes,
        OpenViews = Volatile.Read(ref _viewCount),
        ViewHeldBytes = Volatile.Read(ref _heldSlots) * BlockBytes,
        ViewMemoryBytes = ViewMemoryBytes,
        UncommittedBlocks = Volatile.Read(ref _uncommittedBlocks),
        Commits = Volatile.Read(ref _commitCount),
        Checkpoints = Volatile.Read(ref _checkpointCount),
        FailedCheckpoints = Volatile.Read(ref _failedCheckpoints),
        RepairedPages = _repairedPages,
        CorruptReads = Volatile.Read(ref _corruptReads),
    };
}
