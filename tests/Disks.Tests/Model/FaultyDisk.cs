using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>A disk with a defect that the model test must find.</summary>
internal sealed class FaultyDisk(VirtualDisk disk) : VirtualDisk(disk.Name, disk.IsReadOnly)
{
    public bool DropsTrims { get; init; }

    public bool ForgetsDurability { get; init; }

    public bool LosesLastByte { get; init; }

    public override long SizeBytes => disk.SizeBytes;

    public override int SegmentSizeBytes => disk.SegmentSizeBytes;

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice) =>
        disk.TryLease(offset, maxLength, out slice);

    public override ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default) =>
        disk.LeaseAsync(offset, maxLength, cancellationToken);

    public override ValueTask WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        bool isDurable = false,
        CancellationToken cancellationToken = default) =>
        disk.WriteAsync(
            offset, LosesLastByte ? data[..^1] : data, isDurable && !ForgetsDurability, cancellationToken);

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        disk.FlushAsync(cancellationToken);

    public override ValueTask TrimAsync(
        long offset, long length, CancellationToken cancellationToken = default) =>
        DropsTrims ? ValueTask.CompletedTask : disk.TrimAsync(offset, length, cancellationToken);

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable = false, CancellationToken cancellationToken = default) =>
        disk.WriteZeroesAsync(offset, length, isDurable && !ForgetsDurability, cancellationToken);

    public override ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken = default) =>
        disk.GetExtentsAsync(offset, length, maxExtents, cancellationToken);

    public override ValueTask DisposeAsync() => disk.DisposeAsync();
}
