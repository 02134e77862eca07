using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>
/// A disk whose overlay is open here under one epoch. Attachments, hydration and copies share it; it is closed when
/// the last of them is gone and its place is wanted.
/// </summary>
internal sealed class OpenDisk(DiskLease lease, OverlayStore overlay, ReplicaReaders readers)
{
    private readonly Lock _gate = new();
    private readonly List<Attachment> _attachments = [];
    private DiskInfo _info = lease.Disk;
    private TraceSession? _trace;
    private readonly CancellationTokenSource _fenced = new();
    private bool _isResizing;
    private int _copies;
    private TaskCompletionSource? _copiesEnded;
    private long _requests;

    /// <summary>
    /// What was recorded of the disk when it was last looked at, but for its size: a lease that was given before a
    /// resize and is used after it tells of another.
    /// </summary>
    public DiskInfo Info
    {
        get => Volatile.Read(ref _info);
        set
        {
            lock (_gate)
            {
                Volatile.Write(ref _info, value with { SizeBytes = _info.SizeBytes });
            }
        }
    }

    public Guid Id => lease.Disk.Id;

    public string Name => lease.Disk.Name;

    public long Epoch => lease.Epoch;

    public OverlayStore Overlay => overlay;

    public ParentReader Parent { get; } = new(lease.Disk.Replica, readers);

    /// <summary>Keeps its writers' sectors apart.</summary>
    public SectorGate Gate { get; } = new();

    /// <summary>Cold reads of guests, for hydration to come first with what they touched; null when it is not on.
    /// </summary>
    public Action<long>? OnColdRead { get; set; }

    /// <summary>Users besides attachments: hydration, copies. Guarded by the home's gate.</summary>
    public int Users { get; set; }

    /// <summary>When it was last given back, to find the longest idle one. Guarded by the home's gate.</summary>
    public long IdleSince { get; set; }

    /// <summary>
    /// It is open anew under a higher epoch. The overlay refuses what would change it, but what it knows may be read:
    /// that is as old as the fence.
    /// </summary>
    public bool IsFenced => _fenced.IsCancellationRequested;

    /// <summary>Cancelled when it is fenced.</summary>
    public CancellationToken Fenced => _fenced.Token;

    /// <summary>What was asked of it so far, more or less: counting is a plain increment.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Who has it attached now.</summary>
    public int Attachments
    {
        get
        {
            lock (_gate)
            {
                return _attachments.Count;
            }
        }
    }

    /// <summary>Somebody asks for something.</summary>
    public void Note() => _requests++;

    /// <summary>Fences it.</summary>
    public void Fence() => _fenced.Cancel();

    /// <summary>Whether somebody has another form of it attached.</summary>
    public bool IsAttachedOtherwise(DiskForm form) => IsAttached(attachment => attachment.Form != form);

    /// <summary>Whether nobody has it attached from whom it is not claimed.</summary>
    public bool MayGoTo(DiskClaim claim) => claim.IsTakeOver || !IsAttached(attachment =>
        claim.Holder is null || (attachment.CanWrite && attachment.Holder != claim.Holder));

    /// <summary>Whether a holder has it attached for writing.</summary>
    public bool IsHeldBy(string holder) =>
        IsAttached(attachment => attachment.CanWrite && attachment.Holder == holder);

    /// <summary>Lets an attachment in, or says who writes; nobody does while the size changes.</summary>
    public bool TryAdmit(Attachment attachment, out string? writer)
    {
        lock (_gate)
        {
            if (_isResizing)
            {
                writer = null;
                return false;
            }

            writer = attachment.CanWrite
                ? _attachments.Find(other => other.CanWrite && !attachment.CanWriteBeside(other))?.Holder
                : null;
            if (writer is not null)
            {
                return false;
            }

            _attachments.Add(attachment);
            return true;
        }
    }

    public void Dismiss(Attachment attachment)
    {
        lock (_gate)
        {
            _attachments.Remove(attachment);
            if (!_attachments.Exists(other => other.IsGuest))
            {
                _trace?.End();
                _trace = null;
            }
        }
    }

    /// <summary>What to tell of a guest's reads: one for all its attachments, from the first to the last.</summary>
    /// <param name="traces">Begins it; null where nothing is recorded.</param>
    public TraceSession? Follow(DiskTraces? traces)
    {
        lock (_gate)
        {
            return _trace ??= traces?.Begin(Info, Parent);
        }
    }

    /// <summary>The overlay has another size now, and so has the disk for its guests.</summary>
    public void Resized(long sizeBytes)
    {
        lock (_gate)
        {
            Volatile.Write(ref _info, _info with { SizeBytes = sizeBytes });
        }
    }

    /// <summary>Lets hydration copy until <see cref="EndCopy"/>; false while the size changes.</summary>
    public bool TryBeginCopy()
    {
        lock (_gate)
        {
            _copies += _isResizing ? 0 : 1;
            return !_isResizing;
        }
    }

    public void EndCopy()
    {
        lock (_gate)
        {
            if (--_copies == 0)
            {
                _copiesEnded?.TrySetResult();
            }
        }
    }

    /// <summary>
    /// Keeps everybody out while the size changes, until <see cref="EndResize"/>: a copy that is still under way would
    /// put blocks where the disk no longer is. False when it is attached.
    /// </summary>
    public async ValueTask<bool> TryBeginResizeAsync(CancellationToken cancellationToken)
    {
        var ended = Task.CompletedTask;
        lock (_gate)
        {
            if (_attachments.Count > 0 || _isResizing)
            {
                return false;
            }

            _isResizing = true;
            if (_copies > 0)
            {
                _copiesEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                ended = _copiesEnded.Task;
            }
        }

        try
        {
            await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch
        {
            EndResize();
            throw;
        }
    }

    public void EndResize()
    {
        lock (_gate)
        {
            (_isResizing, _copiesEnded) = (false, null);
        }
    }

    private bool IsAttached(Predicate<Attachment> how)
    {
        lock (_gate)
        {
            return _attachments.Exists(how);
        }
    }
}
