namespace SnapshotGrains.Client;

/// <summary>A snapshot as a read-only disk.</summary>
internal sealed class SnapshotDisk(ReplicaReader reader) : VirtualDisk(reader.Id.Snapshot.ToString(), isReadOnly: true)
{
    public override long SizeBytes => reader.Map.SizeBytes;

    public override int SegmentSizeBytes => reader.Map.SegmentSizeBytes;

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        if (reader.TryLease(offset, maxLength, out var found))
        {
            slice = found.ToDiskSlice();
            return true;
        }

        slice = default;
        return false;
    }

    public override async ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default) =>
        (await reader.LeaseAsync(offset, maxLength, cancellationToken).ConfigureAwait(false)).ToDiskSlice();

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken) =>
        throw ReadOnlyError();

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken) =>
        throw ReadOnlyError();

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken) => throw ReadOnlyError();

    public override ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        var extents = new List<DiskExtent>();
        for (var end = offset + length; offset < end && extents.Count < maxExtents;)
        {
            var runEnd = Math.Min(end, reader.Map.EndOfRun(offset, end, out var isZero));
            extents.Add(new DiskExtent(offset, runEnd - offset, isZero));
            offset = runEnd;
        }

        return new(extents);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
