namespace SnapshotGrains.Storage;

/// <summary>
/// One disk's own blocks over its parent: written, zeroed or hydrated. Thread-safe; many read and write at once, and
/// reading takes no lock. Each block of 4 KiB is written to a new place, and a commit makes the map that points to it
/// durable, so a crash leaves each block as it was at the last flush or at a later write, never in between
/// (docs/decisions/0005-overlay-format.md). Opened through <see cref="OverlayDirectory"/>.
/// </summary>
public sealed partial class OverlayStore : IAsyncDisposable
{
    /// <summary>Bytes in a block.</summary>
    public const int BlockBytes = OverlayLayout.BlockBytes;

    /// <summary>Most bytes of a disk: 8 TiB.</summary>
    public const long MaxSizeBytes = OverlayLayout.MaxSizeBytes;

    private const int Stripes = 32;
    private readonly IBlockFileSystem _files;
    private readonly OverlayPaths _paths;
    private readonly OverlayOptions _options;
    private readonly OperationGate _gate = new();
    private readonly SlotAllocator _slots = new();
    private readonly ScratchPool _scratch = new();
    private readonly MapPageBuilder _pages = new();
    private readonly DirtyBlocks[] _stripes = new DirtyBlocks[Stripes];
    private readonly Lock _createGate = new();
    private readonly Lock _commitGate = new();
    private readonly CommitQueue _commits;
    private readonly BlockMap _map;
    private readonly MapFile _mapFile;
    private readonly Action<OverlayStore> _onClosed;
    private IBlockFile? _data;
    private bool _hasHeader;
    private Exception? _failure;
    private long _sizeBytes;
    private long _fencedBy;
    private bool _areNamesNew;

    internal OverlayStore(
        IBlockFileSystem files,
        OverlayPaths paths,
        OverlayOptions options,
        long sizeBytes,
        long epoch,
        Action<OverlayStore> onClosed)
    {
        (_files, _paths, _options, _onClosed) = (files, paths, options, onClosed);
        (_sizeBytes, Epoch) = (sizeBytes, epoch);
        _map = new(OverlayLayout.BlocksOf(sizeBytes));
        _mapFile = new(files, paths, options.MinJournalBytes);
        _commits = new(Commit);
        for (var i = 0; i < Stripes; i++)
        {
            _stripes[i] = new();
        }
    }

    /// <summary>The disk that the overlay belongs to.</summary>
    public Guid DiskId => _paths.DiskId;

    /// <summary>Size of the disk in bytes.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>The owner's number: an owner with a higher one fences this one.</summary>
    public long Epoch { get; }

    /// <summary>True when nothing of the parent is needed any more.</summary>
    public bool IsComplete => ParentBlocks == 0;

    /// <summary>True after an error that only opening the overlay again can mend.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>
    /// Makes everything durable and closes the files. When that fails the files are closed all the same, and what was
    /// not flushed may be lost.
    /// </summary>
    /// <exception cref="OverlayException">What was not flushed could not be made durable.</exception>
    public async ValueTask DisposeAsync()
    {
        if (!_gate.IsClosed)
        {
            await CloseAsync(isHandedOver: false).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends this owner's use: lets what is under way finish, keeps what was acknowledged, and refuses everything after.
    /// </summary>
    internal async Task FenceAsync(long newerEpoch)
    {
        Volatile.Write(ref _fencedBy, newerEpoch);
        await CloseAsync(isHandedOver: true).ConfigureAwait(false);
    }

    private async Task CloseAsync(bool isHandedOver)
    {
        await _gate.CloseAsync().ConfigureAwait(false);
        await _commits.WhenIdleAsync().ConfigureAwait(false);
        try
        {
            lock (_commitGate)
            {
                // After a failure its caller was told; the next owner finds what is durable.
                if (_failure is null)
                {
                    CommitLocked(isLast: true);
                }
            }
        }
        finally
        {
            _data?.Dispose();
            _mapFile.Dispose();
            if (!isHandedOver)
            {
                _onClosed(this);
            }
        }
    }

    /// <summary>Enters the overlay for something that changes or flushes it.</summary>
    private void Enter()
    {
        if (!_gate.TryEnter())
        {
            ThrowClosed();
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            _gate.Exit();
            throw new OverlayFailedException(DiskId, "use the files", isFinal: true, failure);
        }
    }

    private void ThrowClosed()
    {
        if (Volatile.Read(ref _fencedBy) is not 0 and var newer)
        {
            throw new OverlayFencedException(DiskId, Epoch, newer);
        }

        throw new ObjectDisposedException(nameof(OverlayStore), $"The overlay of disk {DiskId} is closed.");
    }

    private void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, SizeBytes - offset);
    }

    private DirtyBlocks StripeOf(long leaf) => _stripes[leaf % Stripes];

    /// <summary>
    /// After this the open overlay takes no more writes: what the system holds in memory is not to be trusted.
    /// </summary>
    private OverlayFailedException Fail(string act, Exception error)
    {
        Volatile.Write(ref _failure, error);
        return new(DiskId, act, isFinal: true, error);
    }

    /// <summary>An error of one request that changed nothing.</summary>
    private OverlayException Refuse(string act, long lengthBytes, Exception error) => error switch
    {
        BlockFileBusyException => new OverlayBusyException(DiskId, "another owner created its files", error),
        _ when DiskFull.Is(error) => new OverlayFullException(DiskId, lengthBytes, error),
        _ => new OverlayFailedException(DiskId, act, isFinal: false, error),
    };
}
