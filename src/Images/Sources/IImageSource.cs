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
    /// <returns>The digest of the bytes, if it was taken while they came: that hides its cost behind theirs. Null: it
    /// is still to be taken. It is trusted: whoever changes the bytes afterwards must not pass it on.</returns>
    async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        await ReadAsync(pack, offset, destination, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>
    /// Most bytes of neighbouring ranges that are better asked for by one request; 0 where a request costs nothing
    /// beside its bytes.
    /// </summary>
    int MaxScatterBytes => 0;

    /// <summary>
    /// Bytes that come in the time from a request to the first byte of its answer, as measured lately: so many more at
    /// the same time cost less than one request after the other. 0: not known, or the first byte comes at once.
    /// </summary>
    long RoundTripBytes => 0;

    /// <summary>
    /// Reads neighbouring ranges of a pack by one request. Each part is completed as soon as its bytes are there; parts
    /// that were given up are skipped. When the task has ended, well or not, nothing writes to any destination.
    /// </summary>
    /// <param name="pack">The pack.</param>
    /// <param name="offset">First byte of the first part; each of the others begins where the one before ends.</param>
    /// <param name="parts">The parts. Those that are not complete when this throws are the caller's to fail.</param>
    /// <param name="cancellationToken">Gives all of them up.</param>
    /// <exception cref="ImageCenterException">As for a single range.</exception>
    ValueTask ReadScatteredAsync(
        PackId pack, long offset, IReadOnlyList<ScatterPart> parts, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} reads ranges one by one: MaxScatterBytes is 0.");

    /// <summary>
    /// The pack's bytes were found wrong: forget what is open or cached of it, so that the next read looks at the pack
    /// as it is then (it may have been restored).
    /// </summary>
    void Forget(PackId pack)
    {
        // A source that keeps nothing has nothing to forget.
    }
}
