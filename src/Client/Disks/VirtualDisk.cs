using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// An open disk, or a snapshot opened as a read-only disk. Thread-safe; many reads may be in flight.
/// </summary>
public sealed class VirtualDisk
{
    private readonly SnapshotReader _parent;

    internal VirtualDisk(string name, SnapshotReader parent)
    {
        Name = name;
        _parent = parent;
    }

    /// <summary>The disk's name, or <c>name@snap</c> for a snapshot.</summary>
    public string Name { get; }

    /// <summary>Size, in bytes.</summary>
    public long SizeBytes => _parent.Map.SizeBytes;

    /// <summary>Where the parent's data and zero segments are.</summary>
    public SegmentMap Map => _parent.Map;

    /// <summary>The snapshot that the disk reads from.</summary>
    public SnapshotId Parent => _parent.Id;

    /// <summary>Reads bytes into <paramref name="destination"/>.</summary>
    /// <param name="offset">Byte offset, from 0 to the disk's size.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="cancellationToken">Gives up this read; a load that others wait for goes on.</param>
    /// <returns>Bytes read: the buffer's length, less at the end of the disk, 0 beyond it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative.</exception>
    /// <exception cref="SnapshotGrainsException">The bytes cannot be had.</exception>
    public async ValueTask<int> ReadAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var wanted = (int)Math.Clamp(SizeBytes - offset, 0, destination.Length);
        for (var done = 0; done < wanted;)
        {
            var slice = await LeaseAsync(offset + done, wanted - done, cancellationToken).ConfigureAwait(false);
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
    /// <exception cref="SnapshotGrainsException">Some of the bytes cannot be had.</exception>
    public async ValueTask ReadManyAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, SizeBytes - destination.Length);
        var parts = new List<Task>();
        for (var done = 0; done < destination.Length;)
        {
            var inSegment = (int)((offset + done) % Map.SegmentSizeBytes);
            var length = Math.Min(destination.Length - done, Map.SegmentSizeBytes - inSegment);
            parts.Add(ReadAsync(offset + done, destination.Slice(done, length), cancellationToken).AsTask());
            done += length;
        }

        await Task.WhenAll(parts).ConfigureAwait(false);
    }

    /// <summary>Lends bytes of one segment without waiting or copying, if they are at hand.</summary>
    /// <param name="offset">Byte offset, less than the disk's size.</param>
    /// <param name="maxLength">Most bytes wanted, at least 1; fewer come where the segment ends.</param>
    /// <param name="slice">The bytes; the caller releases them.</param>
    /// <returns>False when they are not at hand: use <see cref="LeaseAsync"/>.</returns>
    public bool TryLease(long offset, int maxLength, out SegmentSlice slice) =>
        _parent.TryLease(offset, maxLength, out slice);

    /// <summary>Like <see cref="TryLease"/>, but waits for bytes that are not at hand.</summary>
    /// <exception cref="SnapshotGrainsException">The bytes cannot be had by the read's deadline.</exception>
    public ValueTask<SegmentSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken = default) =>
        _parent.LeaseAsync(offset, maxLength, cancellationToken);

    /// <summary>A seekable, read-only stream over the disk; several may be open.</summary>
    public Stream OpenStream() => new VirtualDiskStream(this);
}
