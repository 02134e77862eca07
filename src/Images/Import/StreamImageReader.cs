namespace SnapshotGrains.Images;

/// <summary>A raw image that comes as a stream; the stream stays open.</summary>
public sealed class StreamImageReader(Stream stream, long? lengthBytes) : IImageReader
{
    private long _position;

    /// <inheritdoc/>
    public long? LengthBytes => lengthBytes;

    /// <inheritdoc/>
    public ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken) => new(offset);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (offset != _position)
        {
            throw new InvalidOperationException($"A stream at {_position} cannot be read at {offset}.");
        }

        var got = await stream.ReadAtLeastAsync(
            destination, destination.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        _position += got;
        return got;
    }
}
