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
    /// The first byte at or after <paramref name="offset"/> that may differ from the byte there of
    /// <see cref="ImportRequest.Base"/>; the length when nothing more differs. Asked only in an import that has a base.
    /// A reader that knows nothing of a base returns <paramref name="offset"/>. Bytes that are the same must be
    /// readable nevertheless: they are read where they share a segment with others.
    /// </summary>
    ValueTask<long> FindChangeAsync(long offset, CancellationToken cancellationToken) => new(offset);

    /// <summary>
    /// Reads from <paramref name="offset"/>, which never goes back, until the destination is full or the content
    /// ends; returns the number of bytes.
    /// </summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
