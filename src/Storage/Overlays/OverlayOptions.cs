namespace SnapshotGrains.Storage;

/// <summary>Limits of the overlays in a directory.</summary>
public sealed record OverlayOptions
{
    /// <summary>
    /// Most blocks of 4 KiB written since the last commit; the next writer commits first. Bounds what a crash can
    /// lose, the space that superseded blocks take and the memory of a commit. 16 to 1,048,576; default 65,536
    /// (256 MiB).
    /// </summary>
    public int MaxUncommittedBlocks { get; init; } = 65_536;

    /// <summary>
    /// Blocks of 4 KiB written since the last commit from which on a commit is started that nobody waits for. 16 or
    /// more; default 8,192 (32 MiB). A value above <see cref="MaxUncommittedBlocks"/> means never.
    /// </summary>
    public int EarlyCommitBlocks { get; init; } = 8_192;

    /// <summary>
    /// The map's journal is folded into a new checkpoint when it is longer than this and than the checkpoint.
    /// 64 KiB to 1 GiB; default 4 MiB.
    /// </summary>
    public long MinJournalBytes { get; init; } = 4 << 20;

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUncommittedBlocks, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxUncommittedBlocks, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(EarlyCommitBlocks, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinJournalBytes, 64 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinJournalBytes, 1 << 30);
    }
}
