using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Counts what goes to the source below: that is what proves that a segment was fetched once. Thread-safe.
/// </summary>
public sealed class MeteredImageSource : IImageSource
{
    private readonly IImageSource _inner;
    private readonly ConcurrentDictionary<PackId, long> _bytesByPack = new();
    private long _requests;
    private long _bytes;
    private long _failures;
    private long _inFlight;
    private long _manifestRequests;

    /// <summary>Counts the requests to <paramref name="inner"/>.</summary>
    public MeteredImageSource(IImageSource inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
    }

    /// <summary>The counters now.</summary>
    public SourceStatistics Statistics => new(
        Interlocked.Read(ref _requests), Interlocked.Read(ref _bytes), Interlocked.Read(ref _failures),
        Interlocked.Read(ref _inFlight), Interlocked.Read(ref _manifestRequests));

    /// <summary>Bytes read, by pack.</summary>
    public IReadOnlyDictionary<PackId, long> BytesByPack => new Dictionary<PackId, long>(_bytesByPack);

    /// <inheritdoc/>
    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _manifestRequests);
        return _inner.GetManifestAsync(name, snap, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        _inner.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAsync(pack, offset, destination, FetchUrgency.Demand, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        long bytes = -1;
        Begin();
        try
        {
            var digest = await _inner.ReadAsync(pack, offset, destination, urgency, cancellationToken)
                .ConfigureAwait(false);
            bytes = destination.Length;
            return digest;
        }
        finally
        {
            End(pack, bytes);
        }
    }

    /// <inheritdoc/>
    public int MaxScatterBytes => _inner.MaxScatterBytes;

    /// <inheritdoc/>
    public long RoundTripBytes => _inner.RoundTripBytes;

    /// <inheritdoc/>
    public async ValueTask ReadScatteredAsync(
        PackId pack, long offset, IReadOnlyList<ScatterPart> parts, CancellationToken cancellationToken)
    {
        long bytes = -1;
        Begin();
        try
        {
            await _inner.ReadScatteredAsync(pack, offset, parts, cancellationToken).ConfigureAwait(false);
            bytes = parts.Sum(part => (long)part.Destination.Length);
        }
        finally
        {
            End(pack, bytes);
        }
    }

    /// <inheritdoc/>
    public void Forget(PackId pack) => _inner.Forget(pack);

    private void Begin()
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _inFlight);
    }

    /// <param name="pack">What was read.</param>
    /// <param name="bytes">How many bytes it brought; negative: it failed.</param>
    private void End(PackId pack, long bytes)
    {
        Interlocked.Decrement(ref _inFlight);
        if (bytes < 0)
        {
            Interlocked.Increment(ref _failures);
            return;
        }

        Interlocked.Add(ref _bytes, bytes);
        _bytesByPack.AddOrUpdate(pack, static (_, n) => n, static (_, sum, n) => sum + n, bytes);
    }
}
