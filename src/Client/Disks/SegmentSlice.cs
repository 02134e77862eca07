using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// A run of bytes within one segment, lent to a reader without a copy; release it when done. A slice without a
/// buffer is all zero.
/// </summary>
/// <param name="Buffer">The segment that holds the bytes; null for zeros.</param>
/// <param name="Offset">Where the run starts in the segment, in bytes.</param>
/// <param name="Length">The run's length, in bytes.</param>
public readonly record struct SegmentSlice(SegmentBuffer? Buffer, int Offset, int Length)
{
    /// <summary>Whether the bytes are all zero and held nowhere.</summary>
    public bool IsZero => Buffer is null;

    /// <summary>The same bytes as a slice of a disk; whoever gets it releases it instead of this.</summary>
    public DiskSlice ToDiskSlice() => Buffer is { } segment
        ? new DiskSlice(segment.Address + Offset, Length, segment)
        : DiskSlice.Zeros(Length);

    /// <summary>Copies the bytes out; <paramref name="destination"/> is at least <see cref="Length"/> long.</summary>
    public void CopyTo(Span<byte> destination)
    {
        if (Buffer is null)
        {
            destination[..Length].Clear();
        }
        else
        {
            Buffer.Span.Slice(Offset, Length).CopyTo(destination);
        }
    }

    /// <summary>Gives the bytes back; they must not be touched afterwards.</summary>
    public void Release() => Buffer?.Release();
}
