namespace SnapshotGrains.Storage;

/// <summary>
/// A disk's own blocks as they were at one moment, while the overlay goes on changing. Blocks that the overlay
/// supersedes stay in its data file until the last view that shows them is disposed. Reads end with the overlay: after
/// it is closed or fenced they are refused. Thread-safe. Made by <see cref="OverlayStore.FreezeAsync"/>.
/// </summary>
public sealed class OverlayView : IAsyncDisposable
{
    private readonly OverlayStore _store;
    private readonly OperationGate _readers = new();
    private int _isDisposed;

    internal OverlayView(OverlayStore store, BlockMap map, long sizeBytes) =>
        (_store, Map, SizeBytes) = (store, map, sizeBytes);

    /// <summary>The disk that the view is of.</summary>
    public Guid DiskId => _store.DiskId;

    /// <summary>Size of the disk in bytes at the moment of the view.</summary>
    public long SizeBytes { get; }

    /// <summary>The frozen map.</summary>
    internal BlockMap Map { get; }

    /// <summary>As <see cref="OverlayStore.Lookup"/>, of the moment of the view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not on the disk.</exception>
    /// <exception cref="ObjectDisposedException">The view is disposed.</exception>
    public OverlayExtent Lookup(long offset, long length)
    {
        CheckRange(offset, length);
        ObjectDisposedException.ThrowIf(_readers.IsClosed, this);
        return OverlayStore.LookUp(Map, offset, length);
    }

    /// <summary>
    /// Reads bytes that <see cref="Lookup"/> said are here, each block checked.
    /// </summary>
    /// <exception cref="OverlayCorruptException">A block is not as it was written.</exception>
    /// <exception cref="OverlayFencedException">A newer owner has the overlay.</exception>
    /// <exception cref="ObjectDisposedException">The view is disposed or the overlay closed.</exception>
    /// <exception cref="InvalidOperationException">A block is the parent's to read.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var isOpen = _readers.TryEnter();
        ObjectDisposedException.ThrowIf(!isOpen, this);
        try
        {
            _store.ReadFrozen(Map, offset, destination);
        }
        finally
        {
            _readers.Exit();
        }
    }

    /// <summary>Waits for reads under way and lets the overlay have the space of what only this view shows.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _readers.CloseAsync().ConfigureAwait(false);
            _store.Release(this);
        }
    }

    /// <summary>True when the view shows a block by this slot.</summary>
    internal bool Holds(long block, uint slot) =>
        block * OverlayStore.BlockBytes < SizeBytes && Map[block].Slot == slot;

    private void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, SizeBytes - offset);
    }
}
