namespace SnapshotGrains.Client;

/// <summary>
/// An attached disk, or a snapshot opened as a read-only disk. Thread-safe; many requests may be in flight. Dispose it
/// to detach.
/// </summary>
/// <remarks>Every request throws <see cref="SnapshotGrainsException"/> with the code of what failed, and
/// <see cref="ArgumentOutOfRangeException"/> for a range that is not on the disk.</remarks>
public abstract class VirtualDisk : IAsyncDisposable
{
    /// <summary>A disk of that name.</summary>
    protected VirtualDisk(string name, bool isReadOnly) => (Name, IsReadOnly) = (name, isReadOnly);

    /// <summary>The disk's name, or <c>name@snap</c> for a snapshot.</summary>
    public string Name { get; }

    /// <summary>Whether writes are refused.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Size, in bytes.</summary>
    public abstract long SizeBytes { get; }

    /// <summary>Bytes that come together when one of them must be waited for: a segment.</summary>
    public abstract int SegmentSizeBytes { get; }

    /// <summary>Cancelled when nothing can be read or written any more, because the disk's key is gone.</summary>
    public virtual CancellationToken Gone => CancellationToken.None;

    /// <summary>Lends bytes without waiting or copying, if they are at hand.</summary>
    /// <param name="offset">Byte offset, less than the disk's size.</param>
    /// <param name="maxLength">Most bytes wanted, at least 1; fewer come where a run ends.</param>
    /// <param name="slice">The bytes; the caller releases them.</param>
    /// <returns>False when they are not at hand: use <see cref="LeaseAsync"/>.</returns>
    public abstract bool TryLease(long offset, int maxLength, out DiskSlice slice);

    /// <summary>Like <see cref="TryLease"/>, but waits for bytes that are not at hand.</summary>
    public abstract ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default);

    /// <summary>Reads bytes into <paramref name="destination"/>.</summary>
    /// <param name="offset">Byte offset, from 0.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="cancellationToken">Gives up this read; a load that others wait for goes on.</param>
    /// <returns>Bytes read: the buffer's length, less at the end of the disk, 0 beyond it.</returns>
    public virtual async ValueTask<int> ReadAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var wanted = (int)Math.Clamp(SizeBytes - offset, 0, destination.Length);
        for (var done = 0; done < wanted;)
        {
            if (!TryLease(offset + done, wanted - done, out var slice))
            {
                slice = await LeaseAsync(offset + done, wanted - done, cancellationToken).ConfigureAwait(false);
            }

            slice.CopyTo(destination.Span[done..]);
            slice.Release();
            done += slice.Length;
        }

        return wanted;
    }

    /// <summary>Like <see cref="ReadAsync"/>, but waits for all segments at once.</summary>
    /// <param name="offset">Byte offset; the range lies within the disk.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="cancellationToken">Gives up this read; a load that others wait for goes on.</param>
    public virtual async ValueTask ReadManyAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, destination.Length);
        var parts = new List<Task>();
        for (var done = 0; done < destination.Length;)
        {
            var inSegment = (int)((offset + done) % SegmentSizeBytes);
            var length = Math.Min(destination.Length - done, SegmentSizeBytes - inSegment);
            parts.Add(ReadAsync(offset + done, destination.Slice(done, length), cancellationToken).AsTask());
            done += length;
        }

        await Task.WhenAll(parts).ConfigureAwait(false);
    }

    /// <summary>Writes bytes; they are durable after the next <see cref="FlushAsync"/>.</summary>
    /// <param name="offset">Byte offset; the range lies within the disk.</param>
    /// <param name="data">The bytes; they must not change until the write has completed.</param>
    /// <param name="isDurable">Whether they are durable when the write completes (forced unit access).</param>
    /// <param name="cancellationToken">Gives up waiting; the bytes may be written.</param>
    public abstract ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable = false, CancellationToken cancellationToken = default);

    /// <summary>Makes durable what was written, zeroed or trimmed before the call, by any attachment.</summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>Says that the bytes are not needed. Whole blocks of 4 KiB read as zeros afterwards.</summary>
    public abstract ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default);

    /// <summary>Makes exactly these bytes zero; whole blocks of 4 KiB take no space afterwards.</summary>
    /// <param name="offset">Byte offset.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="isDurable">Whether it is durable when the call completes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public abstract ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable = false, CancellationToken cancellationToken = default);

    /// <summary>Where data and zeros are, in order, without gaps; fetches nothing.</summary>
    /// <param name="offset">Byte offset.</param>
    /// <param name="length">Number of bytes, at least 1.</param>
    /// <param name="maxExtents">Most runs wanted, at least 1; the last may end before the range does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public abstract ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents = 1024, CancellationToken cancellationToken = default);

    /// <summary>A seekable stream over the disk; several may be open. Disposing it does not detach the disk.</summary>
    public Stream OpenStream() => new VirtualDiskStream(this);

    /// <summary>Detaches.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Refuses a range that is not on the disk.</summary>
    protected void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, SizeBytes - length);
    }

    /// <summary>What a write to a disk that is attached for reading ends with.</summary>
    protected SnapshotGrainsException ReadOnlyError() => new(
        ErrorCode.BadRequest, $"'{Name}' is attached for reading only; attach it for writing.");
}
