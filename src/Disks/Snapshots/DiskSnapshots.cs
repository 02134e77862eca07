using SnapshotGrains.Client;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;

namespace SnapshotGrains.Disks;

/// <summary>
/// Makes snapshots of disks: a frozen view of the overlay becomes an image, of which only what differs from the parent
/// is read and stored. The work goes on when the one who asked for it leaves; whoever asks again joins it.
/// </summary>
internal sealed class DiskSnapshots(
    IImageCenter center,
    Func<DiskLease, CancellationToken, Task<OpenDisk>> acquire,
    Func<OpenDisk, ValueTask> release) : IAsyncDisposable
{
    private const int MaxRemembered = 64;

    /// <summary>How long a call waits for the end before it tells how far the work is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly List<DiskCopy> _copies = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Whether a snapshot of the disk is in the making.</summary>
    public bool IsCopying(Guid diskId) =>
        Locked(() => _copies.Exists(copy => copy.DiskId == diskId && !copy.Image.IsCompleted));

    /// <summary>Starts the work, or joins it.</summary>
    public async Task<DiskSnapshotProgress> StartOrJoinAsync(
        DiskLease lease, SnapshotId snapshot, CancellationToken cancellationToken)
    {
        if (FindMade(snapshot) is { } made
            && (made.DiskId != lease.Disk.Id || !await IsThereAsync(made, cancellationToken).ConfigureAwait(false)))
        {
            // It was deleted since, and the name is free; or it was not, and the image center says so.
            Forget(made);
        }

        var copy = FindOrStart(lease, snapshot);
        try
        {
            await copy.Image.WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return copy.Progress;
        }
        catch (Exception) when (copy.Image.IsFaulted)
        {
            // Told once; who asks again starts anew.
            Forget(copy);
            throw;
        }

        return copy.Progress;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var copy in _copies.ToArray())
        {
            await ((Task)copy.Image).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private DiskCopy? FindMade(SnapshotId snapshot) =>
        Locked(() => _copies.Find(copy => copy.Snapshot == snapshot && copy.Image.IsCompletedSuccessfully));

    private async ValueTask<bool> IsThereAsync(DiskCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            var (id, image) = (copy.Snapshot, await copy.Image.ConfigureAwait(false));
            var manifest = await center.GetManifestAsync(id.Name, id.Snap, cancellationToken).ConfigureAwait(false);
            return manifest.CreatedAt == image.CreatedAt;
        }
        catch (ImageCenterException error) when (error.Code == ImageErrorCode.NotFound)
        {
            return false;
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.Translate(error);
        }
    }

    private DiskCopy FindOrStart(DiskLease lease, SnapshotId snapshot)
    {
        lock (_gate)
        {
            if (_copies.Find(copy => copy.Snapshot == snapshot) is { } known)
            {
                return known.DiskId == lease.Disk.Id
                    ? known
                    : throw new SnapshotGrainsException(
                        ErrorCode.AlreadyExists, $"Snapshot {snapshot} is being made of another disk.");
            }

            // Only those that are still being made must be remembered; of the others the image center knows.
            if (_copies.Count >= MaxRemembered)
            {
                _copies.RemoveAll(copy => copy.Image.IsCompleted);
            }

            if (_copies.Count >= MaxRemembered)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.ImageCenterUnavailable, $"{MaxRemembered} snapshots are being made; try again later.");
            }

            var copy = new DiskCopy(lease.Disk, snapshot);
            _copies.Add(copy);
            copy.Image = Task.Run(() => CopyAsync(lease, copy, _stop.Token));
            return copy;
        }
    }

    private void Forget(DiskCopy copy) => Locked(() => _copies.Remove(copy));

    private T Locked<T>(Func<T> act)
    {
        lock (_gate)
        {
            return act();
        }
    }

    private async Task<ImageInfo> CopyAsync(DiskLease lease, DiskCopy copy, CancellationToken cancellationToken)
    {
        var disk = await acquire(lease, cancellationToken).ConfigureAwait(false);
        try
        {
            var parentMap = disk.Overlay.IsComplete
                ? null : (await disk.Parent.OpenAsync(cancellationToken).ConfigureAwait(false)).Map;
            var view = await disk.Overlay.FreezeAsync(cancellationToken).ConfigureAwait(false);
            await using (view.ConfigureAwait(false))
            {
                var reader = new OverlayImageReader(view, disk.Parent, parentMap);
                var request = await RequestAsync(disk.Info, reader, parentMap is not null, cancellationToken)
                    .ConfigureAwait(false);
                var manifest = await center.ImportAsync(
                    request with
                    {
                        Name = copy.Snapshot.Name,
                        Snap = copy.Snapshot.Snap,
                        Source = $"disk {lease.Disk.Name}",
                        Progress = copy,
                    },
                    cancellationToken).ConfigureAwait(false);
                return ImageDescription.Of(manifest);
            }
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.Translate(error);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate(lease.Disk.Name, error);
        }
        finally
        {
            await release(disk).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// An image lies in the order of the guest's addresses, and under the disk's key. Of a parent under the same key it
    /// needs to store the changes only.
    /// </summary>
    private async Task<ImportRequest> RequestAsync(
        DiskInfo disk, IImageReader stored, bool hasParent, CancellationToken cancellationToken)
    {
        var key = KeyOf(disk);
        var parent = hasParent
            ? await center.GetManifestAsync(disk.Parent.Name, disk.Parent.Snap, cancellationToken).ConfigureAwait(false)
            : null;
        var reader = InGuestOrder(stored, disk);
        return new ImportRequest
        {
            Name = disk.Parent.Name,
            Snap = disk.Parent.Snap,
            Reader = reader,
            LengthBytes = reader.LengthBytes,
            Base = parent is not null && parent.Key == key ? parent : null,
            SegmentSizeBytes = parent?.Map.SegmentSizeBytes ?? disk.SegmentSizeBytes,
            Key = key,
        };
    }

    private static ImageKey? KeyOf(DiskInfo disk) =>
        disk.Key is null ? null : new ImageKey(disk.Key.Name, disk.Key.Id);

    private static IImageReader InGuestOrder(IImageReader stored, DiskInfo disk) => disk.Format is { } format
        ? new StripedImageReader(stored, format.LayoutOf(disk.SizeBytes), DiskLayers.UnstripedBytesOf(disk))
        : stored;
}
