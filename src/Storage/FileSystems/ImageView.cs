namespace SnapshotGrains.Storage;

/// <summary>A part of an image that is looked at: a disk or a partition. Every offset in it is checked.</summary>
/// <param name="read">Reads the image.</param>
/// <param name="start">Where the part begins in the image.</param>
/// <param name="sizeBytes">Its size, in bytes.</param>
/// <param name="budget">What looking may cost.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class ImageView(
    ImageRead read, long start, long sizeBytes, GuessBudget budget, CancellationToken cancellationToken)
{
    private const int MaxReadBytes = 1 << 20;

    /// <summary>Its size, in bytes.</summary>
    public long SizeBytes => sizeBytes;

    /// <summary>A part of it.</summary>
    /// <exception cref="NoGuessException">It does not lie within.</exception>
    public ImageView Part(long offset, long length)
    {
        var range = At(offset, length);
        return new ImageView(read, range.Offset, range.Length, budget, cancellationToken);
    }

    /// <summary>Where bytes of this part lie in the image.</summary>
    /// <exception cref="NoGuessException">They do not lie within.</exception>
    public ByteRange At(long offset, long length) => Holds(offset, length)
        ? new ByteRange(start + offset, length)
        : throw new NoGuessException($"{length} bytes at {offset} are not within its {sizeBytes}");

    /// <summary>The same bytes, which lie within.</summary>
    /// <exception cref="NoGuessException">They do not.</exception>
    public ByteRange Own(long offset, long length) => At(offset, length) with { Offset = offset };

    /// <summary>Whether bytes lie within.</summary>
    public bool Holds(long offset, long length) => offset >= 0 && length > 0 && offset <= sizeBytes - length;

    /// <summary>Goes on by a step that reads nothing.</summary>
    /// <exception cref="NoGuessException">There were too many.</exception>
    public void Step()
    {
        cancellationToken.ThrowIfCancellationRequested();
        budget.Step();
    }

    /// <summary>Reads bytes.</summary>
    /// <exception cref="NoGuessException">They do not lie within, or are too many.</exception>
    public async ValueTask<byte[]> ReadAsync(long offset, long length)
    {
        var range = At(offset, length);
        if (length > MaxReadBytes)
        {
            throw new NoGuessException($"{length} bytes at {offset} are more than one read may have");
        }

        budget.Spend(range.Offset, (int)length);
        var bytes = new byte[length];
        await read(range.Offset, bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }
}
