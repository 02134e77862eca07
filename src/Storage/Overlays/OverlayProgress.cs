namespace SnapshotGrains.Storage;

/// <summary>
/// Blocks of 4 KiB that no longer need the parent, by their source. With the blocks that still need it they are all
/// blocks of the disk. Kept with the map: also after a crash they say exactly what the map says. When a disk is made
/// smaller nobody knows the sources of the blocks that are cut off, so they are taken from
/// <see cref="Trimmed"/> and, where it is too small, from the others in turn.
/// </summary>
/// <param name="GuestRead">See <see cref="OverlaySource.GuestRead"/>.</param>
/// <param name="Prefetched">See <see cref="OverlaySource.Prefetched"/>.</param>
/// <param name="Hydrated">See <see cref="OverlaySource.Hydrated"/>.</param>
/// <param name="Overwritten">See <see cref="OverlaySource.Overwritten"/>.</param>
/// <param name="Trimmed">See <see cref="OverlaySource.Trimmed"/>.</param>
/// <param name="Zero">See <see cref="OverlaySource.Zero"/>.</param>
public readonly record struct OverlayProgress(
    long GuestRead, long Prefetched, long Hydrated, long Overwritten, long Trimmed, long Zero)
{
    /// <summary>All blocks that no longer need the parent.</summary>
    public long Total => GuestRead + Prefetched + Hydrated + Overwritten + Trimmed + Zero;

    /// <summary>Blocks of one source.</summary>
    public long this[OverlaySource source] => source switch
    {
        OverlaySource.GuestRead => GuestRead,
        OverlaySource.Prefetched => Prefetched,
        OverlaySource.Hydrated => Hydrated,
        OverlaySource.Overwritten => Overwritten,
        OverlaySource.Trimmed => Trimmed,
        OverlaySource.Zero => Zero,
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "No such source."),
    };
}
