namespace SnapshotGrains.Images;

/// <summary>The bytes of a sparse image: buffered, counted, and with errors that say where.</summary>
internal sealed class SparseInput(Stream stream)
{
    private const int BufferBytes = 64 * 1024;

    // Many small records cost few reads of the stream; large ones go past the buffer.
    private readonly BufferedStream _buffered = new(stream, BufferBytes);

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>An error at a byte of the stream.</summary>
    public static ImageCenterException Malformed(long at, string reason) =>
        new(ImageErrorCode.BadRequest, $"The sparse image is malformed at byte {at}: {reason}.") { Offset = at };

    /// <summary>Fills <paramref name="destination"/>.</summary>
    /// <exception cref="ImageCenterException">Truncated: the stream ends first. BadRequest: it cannot be read.
    /// </exception>
    public async ValueTask ReadAsync(Memory<byte> destination, string what, CancellationToken cancellationToken)
    {
        var got = await FillAsync(destination, cancellationToken).ConfigureAwait(false);
        if (got < destination.Length)
        {
            throw new ImageCenterException(
                ImageErrorCode.Truncated,
                $"The sparse image ends at byte {Position}, {destination.Length - got} bytes before the end of {what}; "
                    + "was the upload cut off?")
            {
                Offset = Position,
            };
        }
    }

    /// <summary>Checks that nothing follows.</summary>
    /// <exception cref="ImageCenterException">BadRequest: more follows, or the stream cannot be read.</exception>
    public async ValueTask VerifyEndAsync(CancellationToken cancellationToken)
    {
        var at = Position;
        if (await FillAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0)
        {
            throw Malformed(at, "more bytes follow its end");
        }
    }

    private async ValueTask<int> FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            var got = await _buffered.ReadAtLeastAsync(
                destination, destination.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            Position += got;
            return got;
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest, $"The sparse image cannot be read at byte {Position}: {e.Message}", e);
        }
    }
}
