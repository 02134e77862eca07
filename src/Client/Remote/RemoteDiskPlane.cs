namespace SnapshotGrains.Client;

/// <summary>
/// Attaches disks that other processes keep. All attachments of one holder share a disk; what is encrypted comes as it
/// is stored, and is decrypted here.
/// </summary>
/// <param name="control">Knows disks and their homes.</param>
/// <param name="readers">Read what disks inherit.</param>
/// <param name="openKey">Gives data keys, or throws <see cref="ErrorCode.KeyUnavailable"/>.</param>
/// <param name="options">Deadlines and limits.</param>
/// <param name="traces">Records and replays what guests touch; null where that is not done.</param>
public sealed class RemoteDiskPlane(
    IControlPlane control,
    ReplicaReaders readers,
    Func<KeyRef, CancellationToken, ValueTask<DataKey>> openKey,
    RemoteDiskOptions options,
    DiskTraces? traces = null) : IDiskPlane
{
    private readonly SectorGates _gates = new();
    private readonly HomeFinder _finder = new(control, options);
    private readonly Dictionary<(Guid Disk, string Holder), Shared> _shared = [];
    private readonly Lock _gate = new();

    /// <inheritdoc />
    public async ValueTask<VirtualDisk> AttachAsync(DiskExportName wish, CancellationToken cancellationToken)
    {
        if (wish.Form == DiskForm.Stored)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"Disk '{wish.Disk}' is not kept here; ask where it is and go there.");
        }

        // A missing disk gets its own error here; the NBD handshake only knows that there is no such export.
        var info = await control.GetDiskAsync(wish.Disk, cancellationToken).ConfigureAwait(false);
        var key = info.Key is { } named && wish.Form == DiskForm.Guest
            ? await openKey(named, cancellationToken).ConfigureAwait(false) : null;
        var stored = await OpenAsync(info, wish, cancellationToken).ConfigureAwait(false);
        try
        {
            // The name may have gone to another disk before it was attached; now it cannot.
            var now = await control.GetDiskAsync(wish.Disk, cancellationToken).ConfigureAwait(false);
            return now.Id == info.Id && now.SizeBytes == info.SizeBytes
                ? DiskLayers.Over(stored, info, key, _gates.Of(info.Id))
                : throw new SnapshotGrainsException(
                    ErrorCode.InUse, $"Disk '{wish.Disk}' was resized or made anew just now; try again.");
        }
        catch
        {
            await stored.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<VirtualDisk> OpenAsync(
        DiskInfo info, DiskExportName wish, CancellationToken cancellationToken)
    {
        var holder = options.HolderOf(wish.Holder);
        var stored = wish with { Form = DiskForm.Stored, Holder = holder };
        if (wish.Access == DiskAccess.ReadOnly)
        {
            return await OpenAloneAsync(info, stored, cancellationToken).ConfigureAwait(false);
        }

        var id = (info.Id, holder);
        while (true)
        {
            var shared = Join(id, info, stored);
            if (shared.Leaving is { } leaving)
            {
                // Two at a time would fence each other by turns, and the old one might write over the new.
                await leaving.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                var disk = await shared.Disk.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
                return new SharedDisk(disk, () => LeaveAsync(id, shared));
            }
            catch
            {
                await LeaveAsync(id, shared).ConfigureAwait(false);
                throw;
            }
        }
    }

    private async ValueTask<VirtualDisk> OpenAloneAsync(
        DiskInfo info, DiskExportName stored, CancellationToken cancellationToken)
    {
        var opening = NewAsync(info, stored);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = DetachAsync(opening); // it may still be attached, when nobody waits for it any more
            throw;
        }
    }

    /// <summary>The disk that the holder has attached already, unless that is lost to him.</summary>
    private Shared Join((Guid Disk, string Holder) id, DiskInfo info, DiskExportName stored)
    {
        lock (_gate)
        {
            if (!_shared.TryGetValue(id, out var shared) || (shared.IsLost && shared.Leaving is null))
            {
                _shared[id] = shared = new Shared(new Lazy<Task<RemoteDisk>>(() => NewAsync(info, stored)));
            }

            shared.Users += shared.Leaving is null ? 1 : 0;
            return shared;
        }
    }

    private async ValueTask LeaveAsync((Guid Disk, string Holder) id, Shared shared)
    {
        Task leaving;
        lock (_gate)
        {
            if (--shared.Users > 0)
            {
                return;
            }

            shared.Leaving = leaving = Task.Run(() => shared.Disk.IsValueCreated
                ? DetachAsync(shared.Disk.Value) : Task.CompletedTask);
        }

        await leaving.ConfigureAwait(false);
        lock (_gate)
        {
            if (_shared.TryGetValue(id, out var current) && current == shared)
            {
                _shared.Remove(id);
            }
        }
    }

    /// <summary>Detaches a disk when it is there; never fails.</summary>
    private static async Task DetachAsync(Task<RemoteDisk> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<RemoteDisk> NewAsync(DiskInfo info, DiskExportName stored)
    {
        var disk = new RemoteDisk(info, stored, _finder, readers, options, traces);
        try
        {
            using var deadline = new CancellationTokenSource(options.IoTimeout, options.Time);
            await disk.OpenAsync(deadline.Token).ConfigureAwait(false);
            return disk;
        }
        catch
        {
            await disk.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed class Shared(Lazy<Task<RemoteDisk>> disk)
    {
        public Lazy<Task<RemoteDisk>> Disk => disk;

        /// <summary>Guarded by the plane's gate.</summary>
        public int Users { get; set; }

        /// <summary>The end of its last user's leaving, once that has begun. Guarded by the plane's gate.</summary>
        public Task? Leaving { get; set; }

        /// <summary>It could not be attached, or is somebody else's by now.</summary>
        public bool IsLost => disk.IsValueCreated && disk.Value.IsCompleted
            && (!disk.Value.IsCompletedSuccessfully || disk.Value.Result.Gone.IsCancellationRequested);
    }
}
