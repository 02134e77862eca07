using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// A disk whose bytes lie striped in another one: translates the guest's addresses to those of the segments, and reads
/// from all columns that a request touches at the same time.
/// </summary>
public sealed partial class StripedDisk : VirtualDisk
{
    /// <summary>Runs that one write, zeroing or trim has under way at a time.</summary>
    private const int WritesAtOnce = 8;

    /// <summary>Most bytes that are gathered from, or for, several stripe units at a time.</summary>
    private const int MaxTogetherBytes = 1 << 20;

    private readonly VirtualDisk _inner;
    private readonly StripeLayout _layout;

    /// <summary>Lays a striped address space over a disk, which is disposed with it.</summary>
    /// <param name="inner">Holds at least the layout's physical bytes.</param>
    /// <param name="layout">Where the bytes lie.</param>
    /// <param name="sizeBytes">The exact size, at most the layout's rounded up to the sector that it ends in: an
    /// encrypted disk stores that one whole.</param>
    public StripedDisk(VirtualDisk inner, StripeLayout layout, long sizeBytes) : base(inner.Name, inner.IsReadOnly)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inner.SizeBytes, layout.PhysicalBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeBytes, StripeLayout.RoundUp(layout.SizeBytes));
        (_inner, _layout, SizeBytes) = (inner, layout, sizeBytes);
    }

    /// <inheritdoc/>
    public override long SizeBytes { get; }

    /// <inheritdoc/>
    public override CancellationToken Gone => _inner.Gone;

    /// <summary>
    /// What is asked for at a time, so that several such pieces touch all columns: a stripe unit, more where it is
    /// small, because a piece is itself read from several columns at once.
    /// </summary>
    public override int SegmentSizeBytes => _layout.IsIdentity
        ? _inner.SegmentSizeBytes
        : Math.Max(_layout.StripeUnitBytes, Math.Min(_layout.SegmentSizeBytes, MaxTogetherBytes));

    /// <inheritdoc/>
    public override bool TryLease(long offset, int maxLength, out DiskSlice slice) =>
        _inner.TryLease(_layout.ToPhysical(offset), RunAt(offset, maxLength), out slice);

    /// <summary>
    /// Like <see cref="TryLease"/>, but waits: for all columns together, when the bytes lie in several, and lends a
    /// copy, because a reader must not keep one segment while it waits for another.
    /// </summary>
    public override ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(maxLength, SizeBytes - offset);
        var run = RunAt(offset, wanted);
        if (run == wanted)
        {
            return _inner.LeaseAsync(_layout.ToPhysical(offset), run, cancellationToken);
        }

        return TryLease(offset, run, out var slice)
            ? ValueTask.FromResult(slice)
            : GatherAsync(offset, Math.Min(wanted, MaxTogetherBytes), cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask ReadManyAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, destination.Length);
        if (IsOneRun(offset, destination.Length))
        {
            return _inner.ReadManyAsync(_layout.ToPhysical(offset), destination, cancellationToken);
        }

        // One reader for each segment: it waits once, and then takes all the units that it finds there.
        var parts = PartsOf(offset, destination.Length, _layout.SegmentSizeBytes);
        return new ValueTask(ManyAtOnce<(long Physical, int Length)>.RunAsync(
            parts, parts.Count, part => ReadPartAsync(part, offset, destination, cancellationToken)));
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable = false, CancellationToken cancellationToken = default)
    {
        CheckWrite(offset, data.Length);
        return IsOneRun(offset, data.Length)
            ? _inner.WriteAsync(_layout.ToPhysical(offset), data, isDurable, cancellationToken)
            : WritePartsAsync(offset, data, isDurable, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        _inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckWrite(offset, length);
        length = WithRest(offset, length);
        return IsOneRun(offset, length)
            ? _inner.TrimAsync(_layout.ToPhysical(offset), length, cancellationToken)
            : ForRunsAsync(offset, length, isDurable: false, cancellationToken, static (inner, run, token) =>
                inner.TrimAsync(run.Physical, run.Length, token));
    }

    /// <inheritdoc/>
    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable = false, CancellationToken cancellationToken = default)
    {
        CheckWrite(offset, length);
        length = WithRest(offset, length);
        return IsOneRun(offset, length)
            ? _inner.WriteZeroesAsync(_layout.ToPhysical(offset), length, isDurable, cancellationToken)
            : ForRunsAsync(offset, length, isDurable, cancellationToken, static (inner, run, token) =>
                inner.WriteZeroesAsync(run.Physical, run.Length, isDurable: false, token));
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>Bytes that follow each other in both address spaces.</summary>
    private int RunAt(long offset, int maxLength)
    {
        var length = (int)Math.Min(maxLength, SizeBytes - offset);
        var unit = _layout.StripeUnitBytes;
        return _layout.IsIdentity ? length : Math.Min(length, unit - (int)(offset & (unit - 1)));
    }

    private bool IsOneRun(long offset, long length) =>
        _layout.IsIdentity || (offset & (_layout.StripeUnitBytes - 1)) + length <= _layout.StripeUnitBytes;

    /// <summary>Who gives up the disk's last bytes gives up the rest of their block, which is nobody's.</summary>
    private long WithRest(long offset, long length) =>
        length > 0 && offset + length == SizeBytes ? StripeLayout.RoundUp(SizeBytes) - offset : length;

    private void CheckWrite(long offset, long length)
    {
        if (IsReadOnly)
        {
            throw ReadOnlyError();
        }

        CheckRange(offset, length);
    }
}
