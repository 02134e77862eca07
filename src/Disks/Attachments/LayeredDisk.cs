using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>
/// An attached disk: its overlay over its parent. A read of bytes at hand takes no lock, makes no grain call and
/// copies only what the overlay's file holds.
/// </summary>
internal sealed class LayeredDisk(
    OpenDisk disk, Attachment attachment, GuestActivity activity, TraceSession? trace, Func<ValueTask> detach)
    : VirtualDisk(disk.Name, !attachment.CanWrite)
{
    private readonly OverlayStore _overlay = disk.Overlay;
    private int _isDetached;

    public override long SizeBytes => _overlay.SizeBytes;

    public override int SegmentSizeBytes => disk.Info.SegmentSizeBytes;

    /// <summary>
    /// Who reads what it inherits by himself must be told that others write now; everybody else learns it at his next
    /// request.
    /// </summary>
    public override CancellationToken Gone => IsStored ? disk.Fenced : CancellationToken.None;

    private bool IsStored => attachment.Form == DiskForm.Stored;

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        Note();
        trace?.Touch(offset, maxLength);
        CheckNotFenced();
        var extent = _overlay.Lookup(offset, maxLength);
        var length = (int)extent.LengthBytes;
        switch (extent.State)
        {
            case OverlayBlockState.Parent:
                return disk.Parent.TryLease(offset, length, out slice);
            case OverlayBlockState.Zero:
                slice = DiskSlice.Zeros(length);
                return true;
            default:
                return TryReadOverlay(offset, length, out slice);
        }
    }

    public override async ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken)
    {
        CheckNotFenced();
        var extent = _overlay.Lookup(offset, maxLength);
        var length = (int)extent.LengthBytes;
        switch (extent.State)
        {
            case OverlayBlockState.Parent:
                return await LeaseParentAsync(offset, length, cancellationToken).ConfigureAwait(false);
            case OverlayBlockState.Zero:
                return DiskSlice.Zeros(length);
            default:
                // Off the caller's thread: the bytes may have to come from a disk.
                return await Task.Run(() => ReadOverlay(offset, length), cancellationToken).ConfigureAwait(false);
        }
    }

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        CheckWrite(offset, data.Length);
        Note();
        return TryAsync((disk, offset, data, isDurable, cancellationToken), static request => request.disk.Overlay
            .WriteAsync(
                request.offset, request.data, request.disk.Parent, request.isDurable, request.cancellationToken));
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (IsReadOnly)
        {
            return ValueTask.CompletedTask;
        }

        Note();
        return TryAsync((_overlay, cancellationToken), static request =>
            new ValueTask(request._overlay.FlushAsync(request.cancellationToken)));
    }

    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken)
    {
        CheckWrite(offset, length);
        Note();
        return TryAsync((_overlay, offset, length, cancellationToken), static request =>
            request._overlay.TrimAsync(request.offset, request.length, request.cancellationToken));
    }

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken)
    {
        CheckWrite(offset, length);
        Note();
        return TryAsync((disk, offset, length, isDurable, cancellationToken), static request => request.disk.Overlay
            .ZeroAsync(
                request.offset, request.length, request.disk.Parent, request.isDurable, request.cancellationToken));
    }

    public override async ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken)
    {
        disk.Note(); // hosts that are silent otherwise show by this that they are there; it is no load for the node
        CheckNotFenced();
        CheckRange(offset, length);
        var extents = new List<DiskExtent>();
        for (var end = offset + length; offset < end && extents.Count < maxExtents;)
        {
            var run = _overlay.Lookup(offset, end - offset);
            var isZero = run.State == OverlayBlockState.Zero;
            var runEnd = offset + run.LengthBytes;
            var isInherited = IsStored && run.State == OverlayBlockState.Parent;
            if (run.State == OverlayBlockState.Parent && !isInherited)
            {
                (runEnd, isZero) = await ParentRunAsync(offset, runEnd, cancellationToken).ConfigureAwait(false);
            }

            if (extents.Count > 0 && extents[^1].IsZero == isZero && extents[^1].IsInherited == isInherited)
            {
                extents[^1] = extents[^1] with { Length = extents[^1].Length + runEnd - offset };
            }
            else
            {
                extents.Add(new DiskExtent(offset, runEnd - offset, isZero, isInherited));
            }

            offset = runEnd;
        }

        return extents;
    }

    public override ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _isDetached, 1) == 0 ? detach() : ValueTask.CompletedTask;

    private void Note()
    {
        activity.Note();
        disk.Note();
    }

    private async ValueTask<(long End, bool IsZero)> ParentRunAsync(
        long offset, long end, CancellationToken cancellationToken)
    {
        var parent = await disk.Parent.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (offset >= parent.Map.SizeBytes)
        {
            return (end, true);
        }

        var runEnd = parent.Map.EndOfRun(offset, end, out var isZero);
        return (Math.Min(end, runEnd), isZero);
    }

    private async ValueTask<DiskSlice> LeaseParentAsync(long offset, int length, CancellationToken cancellationToken)
    {
        if (disk.Parent.TryLease(offset, length, out var slice))
        {
            return slice;
        }

        using var waiting = activity.Wait();
        slice = await disk.Parent.LeaseAsync(offset, length, cancellationToken).ConfigureAwait(false);
        disk.OnColdRead?.Invoke(offset);
        return slice;
    }

    /// <summary>Reads what the system has in memory; the caller's thread must not wait for a disk.</summary>
    private bool TryReadOverlay(long offset, int length, out DiskSlice slice)
    {
        var buffer = NativeBufferPool.Shared.Rent(length);
        var isRead = false;
        try
        {
            isRead = _overlay.TryRead(offset, buffer.GetSpan());
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate(Name, error);
        }
        finally
        {
            if (!isRead)
            {
                ((IDisposable)buffer).Dispose();
            }
        }

        slice = isRead ? new DiskSlice(buffer.Address, length, buffer) : default;
        return isRead;
    }

    private DiskSlice ReadOverlay(long offset, int length)
    {
        var buffer = NativeBufferPool.Shared.Rent(length);
        var isRead = false;
        try
        {
            _overlay.Read(offset, buffer.GetSpan());
            isRead = true;
            return new DiskSlice(buffer.Address, length, buffer);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate(Name, error);
        }
        finally
        {
            if (!isRead)
            {
                ((IDisposable)buffer).Dispose();
            }
        }
    }

    /// <summary>What a newer owner has written since would be missing.</summary>
    private void CheckNotFenced()
    {
        if (disk.IsFenced)
        {
            throw new SnapshotGrainsException(
                ErrorCode.Fenced, $"Disk '{Name}' was taken over or opened anew; attach it again.");
        }
    }

    private void CheckWrite(long offset, long length)
    {
        if (IsReadOnly)
        {
            throw ReadOnlyError();
        }

        CheckRange(offset, length);
    }

    /// <summary>Runs a request whose overlay errors are told in our words; free when it completes at once.</summary>
    private ValueTask TryAsync<T>(T request, Func<T, ValueTask> run)
    {
        try
        {
            var task = run(request);
            return task.IsCompletedSuccessfully ? default : FinishAsync(task);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate(Name, error);
        }
    }

    private async ValueTask FinishAsync(ValueTask task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception error) when (OverlayErrors.IsKnown(error))
        {
            throw OverlayErrors.Translate(Name, error);
        }
    }
}
