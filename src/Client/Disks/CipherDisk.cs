using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// A disk whose bytes lie encrypted in another one, in sectors of 4 KiB; the number of a sector is its place on this
/// disk. Without its key every request but a flush ends with <see cref="ErrorCode.KeyUnavailable"/>.
/// </summary>
/// <remarks>
/// A stored sector of nothing but zeros is a hole, and reads as zeros: so a sparse disk stays sparse. That the
/// encryption of data comes out as all zeros has a chance of 2^-32768.
/// </remarks>
public sealed partial class CipherDisk : VirtualDisk
{
    private const int SectorBytes = SectorCut.SectorBytes;

    /// <summary>Most bytes that are decrypted for one slice: they stay in the processor's cache until sent.</summary>
    private const int MaxLentBytes = 256 * 1024;

    /// <summary>Most bytes that are waited for, or encrypted, at a time.</summary>
    private const int MaxTogetherBytes = 1 << 20;

    /// <summary>A hole this long is lent as one; shorter ones are filled in between data.</summary>
    private const int MinHoleBytes = 32 * 1024;

    private readonly VirtualDisk _inner;
    private readonly DataKey _key;
    private readonly SectorGate _gate;
    private readonly CancellationTokenSource _gone;

    /// <summary>Decrypts a disk, which is disposed with it.</summary>
    /// <param name="inner">Holds the ciphertext of all sectors, the last one whole.</param>
    /// <param name="key">The key; not disposed.</param>
    /// <param name="gate">Shared by all who write to the same stored bytes.</param>
    /// <param name="sizeBytes">The exact size, in bytes; need not be a multiple of a sector.</param>
    public CipherDisk(VirtualDisk inner, DataKey key, SectorGate gate, long sizeBytes)
        : base(inner.Name, inner.IsReadOnly)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.SectorBytes, SectorBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(inner.SizeBytes, SectorCut.RoundUp(sizeBytes));
        (_inner, _key, _gate, SizeBytes) = (inner, key, gate, sizeBytes);
        _gone = CancellationTokenSource.CreateLinkedTokenSource(key.Gone, inner.Gone);
    }

    /// <inheritdoc/>
    public override long SizeBytes { get; }

    /// <inheritdoc/>
    public override int SegmentSizeBytes => _inner.SegmentSizeBytes;

    /// <inheritdoc/>
    public override CancellationToken Gone => _gone.Token;

    /// <inheritdoc/>
    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        CheckKey();
        var start = SectorCut.RoundDown(offset);
        var sectors = SectorsOf(offset, maxLength, MaxLentBytes);
        if (!_inner.TryLease(start, sectors, out var first))
        {
            slice = default;
            return false;
        }

        if (first.IsZero)
        {
            slice = Part(offset, maxLength, first with { Length = TakeHole(first) });
            return true;
        }

        var buffer = NativeBufferPool.Shared.Rent(sectors);
        var length = 0;
        try
        {
            length = DecryptAll(first, start, buffer.GetSpan());
        }
        finally
        {
            if (length == 0)
            {
                ((IDisposable)buffer).Dispose();
            }
        }

        slice = Part(offset, maxLength, new DiskSlice(buffer.Address, length, buffer));
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default) =>
        TryLease(offset, maxLength, out var slice)
            ? ValueTask.FromResult(slice)
            : LeaseColdAsync(offset, maxLength, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask ReadManyAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        CheckKey();
        CheckRange(offset, destination.Length);
        if ((offset | (uint)destination.Length) % SectorBytes == 0)
        {
            await _inner.ReadManyAsync(offset, destination, cancellationToken).ConfigureAwait(false);
            Decrypt(destination.Span, destination.Span, offset);
            return;
        }

        var start = SectorCut.RoundDown(offset);
        var sectors = SectorsOf(offset, destination.Length, int.MaxValue);
        using var buffer = NativeBufferPool.Shared.Rent(sectors);
        await _inner.ReadManyAsync(start, buffer.Memory, cancellationToken).ConfigureAwait(false);
        Decrypt(buffer.GetSpan(), buffer.GetSpan(), start);
        buffer.GetSpan().Slice((int)(offset - start), destination.Length).CopyTo(destination.Span);
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents = 1024, CancellationToken cancellationToken = default)
    {
        CheckKey();
        CheckRange(offset, length);
        var (start, end) = (SectorCut.RoundDown(offset), SectorCut.RoundUp(offset + length));
        var found = await _inner.GetExtentsAsync(start, end - start, maxExtents, cancellationToken)
            .ConfigureAwait(false);
        return start == offset && end == offset + length ? found :
        [
            .. from extent in found
               let first = Math.Max(offset, extent.Offset)
               let last = Math.Min(offset + length, extent.Offset + extent.Length)
               where first < last
               select new DiskExtent(first, last - first, extent.IsZero),
        ];
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _gone.Dispose(); // nothing is cancelled by that, but the registration with the key goes
        return _inner.DisposeAsync();
    }

    /// <summary>Bytes of the sectors that a range touches, as many of them as there may be.</summary>
    private int SectorsOf(long offset, int maxLength, int maxBytes)
    {
        var end = SectorCut.RoundUp(Math.Min(offset + maxLength, SizeBytes));
        return (int)Math.Min(end - SectorCut.RoundDown(offset), maxBytes);
    }

    /// <summary>What was asked for, of a slice of whole sectors that starts with the sector it is in.</summary>
    private DiskSlice Part(long offset, int maxLength, in DiskSlice sectors)
    {
        var within = (int)(offset % SectorBytes);
        var length = (int)Math.Min(Math.Min(maxLength, sectors.Length - within), SizeBytes - offset);
        return sectors.IsZero ? DiskSlice.Zeros(length) : new(sectors.Address + within, length, sectors.Owner);
    }

    /// <summary>Waits for all segments together; the bytes are decrypted where they come in.</summary>
    private async ValueTask<DiskSlice> LeaseColdAsync(
        long offset, int maxLength, CancellationToken cancellationToken)
    {
        var start = SectorCut.RoundDown(offset);
        var buffer = NativeBufferPool.Shared.Rent(SectorsOf(offset, maxLength, MaxTogetherBytes));
        try
        {
            await _inner.ReadManyAsync(start, buffer.Memory, cancellationToken).ConfigureAwait(false);
            Decrypt(buffer.GetSpan(), buffer.GetSpan(), start);
            return Part(offset, maxLength, new DiskSlice(buffer.Address, buffer.GetSpan().Length, buffer));
        }
        catch
        {
            ((IDisposable)buffer).Dispose();
            throw;
        }
    }

    private void CheckKey()
    {
        if (_key.IsGone)
        {
            throw new SnapshotGrainsException(
                ErrorCode.KeyUnavailable,
                $"Key '{_key.Ref.Name}' of '{Name}' was revoked or is not there any more.");
        }
    }
}
