using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// The read side of an image center. Thread-safe. Decorators wrap one source around another, one job each: retry,
/// bound, meter.
/// </summary>
public interface IImageSource
{
    /// <summary>The manifest of an image.</summary>
    /// <exception cref="ImageCenterException">NotFound, Corrupt, UnsupportedVersion, BadName, Unavailable, Timeout.
    /// </exception>
    ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken);

    /// <summary>
    /// All images, in no particular order. An image whose manifest is damaged is listed with its problem.
    /// </summary>
    /// <exception cref="ImageCenterException">Unavailable, Timeout.</exception>
    IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads a range of a pack: fills <paramref name="destination"/> exactly, or throws. The bytes are not verified
    /// (that is <see cref="SegmentFetcher"/>'s job). When the task has ended, nothing writes to the destination any
    /// more.
    /// </summary>
    /// <param name="pack">The pack.</param>
    /// <param name="offset">First byte in the pack.</param>
    /// <param name="destination">Takes the bytes; its length is the length of the range.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="ImageCenterException">NotFound, Truncated, Unavailable, Timeout.</exception>
    ValueTask ReadAsync(PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a range of a pack, as above. Of reads that cannot all be under way the most urgent go first; a source that
    /// has no limits need not look.
    /// </summary>
    ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken) => ReadAsync(pack, offset, destination, cancellationToken);

    /// <summary>
    /// The pack's bytes were found wrong: forget what is open or cached of it, so that the next read looks at the pack
    /// as it is then (it may have been restored).
    /// </summary>
    void Forget(PackId pack)
    {
        // A source that keeps nothing has nothing to forget.
    }
}
