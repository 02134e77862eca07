using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Fetches segments and lets nothing through that does not match its digest: bytes that are wrong or too few are read
/// again a bounded number of times, and then refused. Thread-safe.
/// </summary>
public sealed class SegmentFetcher
{
    /// <summary>Reads of a segment, the first included, before its data counts as corrupt.</summary>
    public const int MaxReads = 3;

    private readonly IImageSource _source;
    private long _digestMismatches;
    private long _shortReads;
    private long _corruptSegments;

    /// <summary>Fetches from <paramref name="source"/>.</summary>
    public SegmentFetcher(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
    }

    /// <summary>
    /// Raised for each read whose bytes were refused, on the reading thread; the error names image, segment, pack,
    /// offset and digests. Handlers must be short and must not throw.
    /// </summary>
    public event Action<ImageCenterException>? Refused;

    /// <summary>Reads whose bytes did not match their digest.</summary>
    public long DigestMismatches => Interlocked.Read(ref _digestMismatches);

    /// <summary>Reads that brought too few bytes, or found another pack than before.</summary>
    public long ShortReads => Interlocked.Read(ref _shortReads);

    /// <summary>Segments given up after <see cref="MaxReads"/> reads.</summary>
    public long CorruptSegments => Interlocked.Read(ref _corruptSegments);

    /// <summary>Fills <paramref name="destination"/> with segment <paramref name="n"/>, verified.</summary>
    /// <param name="manifest">The image.</param>
    /// <param name="n">The segment; a zero segment is filled with zeros without asking the source.</param>
    /// <param name="destination">Exactly as long as the segment. Its content is undefined after an error.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="ImageCenterException">Corrupt or Truncated, naming image, segment, pack, offset and digests;
    /// or what the source reports.</exception>
    /// <exception cref="ArgumentException">The destination has another length than the segment.</exception>
    public ValueTask FetchAsync(
        Manifest manifest, long n, Memory<byte> destination, CancellationToken cancellationToken) =>
        FetchAsync(manifest, n, destination, FetchUrgency.Demand, cancellationToken);

    /// <summary>Fills <paramref name="destination"/> with segment <paramref name="n"/>, verified.</summary>
    /// <param name="manifest">The image.</param>
    /// <param name="n">The segment; a zero segment is filled with zeros without asking the source.</param>
    /// <param name="destination">Exactly as long as the segment. Its content is undefined after an error.</param>
    /// <param name="urgency">Which reads go first at a source that is busy.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="ImageCenterException">As above.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public async ValueTask FetchAsync(
        Manifest manifest, long n, Memory<byte> destination, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (destination.Length != manifest.Map.LengthOf(n))
        {
            throw new ArgumentException(
                $"Segment {n} has {manifest.Map.LengthOf(n)} bytes, not {destination.Length}.", nameof(destination));
        }

        if (manifest.Map.IsZero(n))
        {
            destination.Span.Clear();
            return;
        }

        var location = manifest.LocationOf(n);
        for (var read = 1; ; read++)
        {
            var refusal = await ReadAsync(manifest, n, location, destination, urgency, cancellationToken)
                .ConfigureAwait(false);
            if (refusal is null)
            {
                return;
            }

            Refused?.Invoke(refusal);
            _source.Forget(location.Pack);
            if (read == MaxReads)
            {
                Interlocked.Increment(ref _corruptSegments);
                throw refusal;
            }
        }
    }

    /// <summary>Null when the destination holds the segment, otherwise why its bytes are refused.</summary>
    private async ValueTask<ImageCenterException?> ReadAsync(
        Manifest manifest, long n, PackLocation location, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        Digest? taken;
        try
        {
            taken = await _source.ReadAsync(location.Pack, location.Offset, destination, urgency, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ImageCenterException e) when (e.Code is ImageErrorCode.Truncated or ImageErrorCode.Changed)
        {
            Interlocked.Increment(ref _shortReads);
            return Refuse(e.Code, manifest, n, location, null, e);
        }

        var expected = manifest.Map.DigestOf(n);
        var actual = taken ?? Digest.Compute(destination.Span);
        if (actual == expected)
        {
            return null;
        }

        Interlocked.Increment(ref _digestMismatches);
        return Refuse(ImageErrorCode.Corrupt, manifest, n, location, actual, null);
    }

    private static ImageCenterException Refuse(
        ImageErrorCode code, Manifest manifest, long n, PackLocation location, Digest? actual, Exception? cause)
    {
        var expected = manifest.Map.DigestOf(n);
        var finding = (code, actual) switch
        {
            (ImageErrorCode.Changed, _) => "was replaced while it was read,",
            (_, null) => "is cut short",
            _ => $"has digest {actual}",
        };
        return new ImageCenterException(
            code,
            $"Segment {n} of image {manifest} {finding} instead of {expected} (pack {location.Pack}, offset " +
            $"{location.Offset}, {location.Length} bytes): restore the pack, or import the image again.",
            cause)
        {
            Image = manifest.ToString(),
            Segment = n,
            Pack = location.Pack,
            Offset = location.Offset,
            ExpectedDigest = expected,
            ActualDigest = actual,
        };
    }
}
