namespace SnapshotGrains.Client;

/// <summary>One attachment of a remote disk that several share: the last to go detaches it.</summary>
internal sealed class SharedDisk(RemoteDisk disk, Func<ValueTask> release) : VirtualDisk(disk.Name, disk.IsReadOnly)
{
    private int _isReleased;

    public override long SizeBytes => disk.SizeBytes;

    public override int SegmentSizeBytes => disk.SegmentSizeBytes;

    public override CancellationToken Gone => disk.Gone;

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice) =>
        disk.TryLease(offset, maxLength, out slice);

    public override ValueTask<DiskSlice> LeaseAsync(long offset, int maxLength, CancellationToken cancellationToken) =>
        disk.LeaseAsync(offset, maxLength, cancellationToken);

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken) =>
        disk.WriteAsync(offset, data, isDurable, cancellationToken);

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => disk.FlushAsync(cancellationToken);

    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken) =>
        disk.TrimAsync(offset, length, cancellationToken);

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken) =>
        disk.WriteZeroesAsync(offset, length, isDurable, cancellationToken);

    public override ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken) =>
        disk.GetExtentsAsync(offset, length, maxExtents, cancellationToken);

    public override ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _isReleased, 1) == 0 ? release() : ValueTask.CompletedTask;
}
