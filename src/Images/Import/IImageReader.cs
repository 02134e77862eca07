namespace SnapshotGrains.Images;

/// <summary>A disk content to import, from front to back. Not thread-safe.</summary>
public interface IImageReader
{
    /// <summary>Size in bytes; null when only the end will tell.</summary>
    long? LengthBytes { get; }

    /// <summary>
    /// The first byte at or after <paramref name="offset"/> that may be other than zero; the length when only zeros
    /// follow. A reader that knows no holes returns <paramref name="offset"/>.
    /// </summary>
    ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken);

    /// <summary>
    /// Reads from <paramref name="offset"/>, which never goes back, until the destination is full or the content
    /// ends; returns the number of bytes.
    /// </summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
