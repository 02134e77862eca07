using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>A disk of any size that holds nothing, and counts who asks where.</summary>
internal sealed class HoleDisk(long sizeBytes) : VirtualDisk("hole", isReadOnly: true)
{
    public override long SizeBytes => sizeBytes;

    public override int SegmentSizeBytes => 1 << 20;

    public int Questions { get; private set; }

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        slice = DiskSlice.Zeros(maxLength);
        return true;
    }

    public override ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(DiskSlice.Zeros(maxLength));

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken) =>
        throw ReadOnlyError();

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken) =>
        throw ReadOnlyError();

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken) => throw ReadOnlyError();

    public override ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        Questions++;
        return new([new DiskExtent(offset, length, true)]);
    }

    public override ValueTask DisposeAsync() => default;
}
