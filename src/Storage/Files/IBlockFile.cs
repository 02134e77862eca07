namespace SnapshotGrains.Storage;

/// <summary>
/// One open file of whole blocks, owned by this program alone while it is open. A seam: tests put a disk behind it
/// that loses power, tears writes and runs full. Thread-safe.
/// </summary>
public interface IBlockFile : IDisposable
{
    /// <summary>Length of the file in bytes.</summary>
    long LengthBytes { get; }

    /// <summary>
    /// Reads at <paramref name="offset"/>; returns fewer bytes than asked for only at the end of the file.
    /// </summary>
    /// <exception cref="IOException">The bytes cannot be read.</exception>
    int Read(long offset, Span<byte> destination);

    /// <summary>
    /// As <see cref="Read"/>, but returns false instead of waiting for a disk: when the bytes are not in memory. What
    /// is in <paramref name="destination"/> then is not defined. A file that cannot tell reads, and may wait.
    /// </summary>
    /// <exception cref="IOException">The bytes cannot be read.</exception>
    bool TryRead(long offset, Span<byte> destination, out int bytes)
    {
        bytes = Read(offset, destination);
        return true;
    }

    /// <summary>
    /// Writes all bytes at <paramref name="offset"/>, extending the file where needed. Not yet durable.
    /// </summary>
    /// <exception cref="IOException">The bytes cannot be written; some may have been.</exception>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>
    /// Gives the space of a range back to the file system; it reads as zeros. A wish: may do nothing.
    /// </summary>
    void PunchHole(long offset, long length);

    /// <summary>
    /// Makes the file so long, with its space taken from the file system now rather than at each write, where that can
    /// be done. What is new reads as zeros.
    /// </summary>
    /// <exception cref="IOException">There is no room.</exception>
    void Reserve(long lengthBytes)
    {
        if (LengthBytes < lengthBytes)
        {
            Write(lengthBytes - 1, [0]);
        }
    }

    /// <summary>These bytes will not be read again soon: memory need not hold them. A wish: may do nothing.</summary>
    void Forget(long offset, long length)
    {
        // What keeps nothing in memory has nothing to forget.
    }

    /// <summary>Makes all writes that have returned durable, with the length (fsync(2)).</summary>
    /// <exception cref="IOException">They may not be durable, and a second flush would not tell.</exception>
    void Flush();
}
