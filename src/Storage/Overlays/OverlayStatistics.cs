namespace SnapshotGrains.Storage;

/// <summary>What an overlay holds, and what it did since it was opened.</summary>
public sealed record OverlayStatistics
{
    /// <summary>Bytes that guests wrote since the overlay was opened.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>Bytes that were zeroed or trimmed since the overlay was opened.</summary>
    public required long ZeroedBytes { get; init; }

    /// <summary>Bytes that hydration added since the overlay was opened.</summary>
    public required long HydratedBytes { get; init; }

    /// <summary>Blocks of 4 KiB that hold bytes.</summary>
    public required long DataBlocks { get; init; }

    /// <summary>Blocks of 4 KiB that are zeros without taking space.</summary>
    public required long ZeroBlocks { get; init; }

    /// <summary>Blocks of 4 KiB that the parent must still supply.</summary>
    public required long ParentBlocks { get; init; }

    /// <summary>Blocks of 4 KiB that no longer need the parent, by source; also what is not durable yet.</summary>
    public required OverlayProgress Progress { get; init; }

    /// <summary>Memory that the map and the table of free space take, in bytes.</summary>
    public required long MapMemoryBytes { get; init; }

    /// <summary>Length of the data file in bytes; superseded blocks are part of it until they are reused.</summary>
    public required long DataFileBytes { get; init; }

    /// <summary>Length of the map file in bytes.</summary>
    public required long MapFileBytes { get; init; }

    /// <summary>Frozen views that are open.</summary>
    public required int OpenViews { get; init; }

    /// <summary>Bytes of the data file that hold superseded blocks which an open view still shows.</summary>
    public required long ViewHeldBytes { get; init; }

    /// <summary>Memory that open views take beside the map's, in bytes, at most.</summary>
    public required long ViewMemoryBytes { get; init; }

    /// <summary>Blocks written since the last commit.</summary>
    public required long UncommittedBlocks { get; init; }

    /// <summary>Commits since the overlay was opened; flushes that ran at once share one.</summary>
    public required long Commits { get; init; }

    /// <summary>Checkpoints of the map since the overlay was opened.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>Checkpoints that were given up, for example for want of space; the journal grows meanwhile.</summary>
    public required long FailedCheckpoints { get; init; }

    /// <summary>Damaged copies of map pages and headers that were read from their other copy and rewritten.</summary>
    public required long RepairedPages { get; init; }

    /// <summary>Reads that ended with a checksum error.</summary>
    public required long CorruptReads { get; init; }
}
