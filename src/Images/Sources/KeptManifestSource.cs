using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Gives the manifests that were read last while the source below does not answer, also after a restart: without them
/// nobody could tell what the segments on a local disk are of. Thread-safe.
/// </summary>
/// <param name="inner">The source.</param>
/// <param name="store">Where manifests are kept.</param>
/// <param name="time">The clock.</param>
public sealed class KeptManifestSource(IImageSource inner, ManifestStore store, TimeProvider time) : IImageSource
{
    /// <summary>How long the source is waited for: less than readers wait for a manifest.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public int MaxScatterBytes => inner.MaxScatterBytes;

    /// <inheritdoc/>
    public long RoundTripBytes => inner.RoundTripBytes;

    /// <inheritdoc/>
    public async ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken)
    {
        ImageName.Verify(name, snap);
        try
        {
            var manifest = await inner.GetManifestAsync(name, snap, cancellationToken).AsTask()
                .WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            store.Keep(manifest);
            return manifest;
        }
        catch (Exception error) when (IsSilence(error) && store.Find(name, snap) is { } kept)
        {
            return kept;
        }
        catch (TimeoutException error)
        {
            throw new ImageCenterException(
                ImageErrorCode.Timeout,
                $"The image center did not give the manifest of {name}@{snap} within {Patience.TotalSeconds:0} s.",
                error);
        }
        catch (ImageCenterException error) when (error.Code == ImageErrorCode.NotFound)
        {
            store.Remove(name, snap);
            throw;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        inner.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(pack, offset, destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken) =>
        inner.ReadAsync(pack, offset, destination, urgency, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReadScatteredAsync(
        PackId pack, long offset, IReadOnlyList<ScatterPart> parts, CancellationToken cancellationToken) =>
        inner.ReadScatteredAsync(pack, offset, parts, cancellationToken);

    /// <inheritdoc/>
    public void Forget(PackId pack) => inner.Forget(pack);

    private static bool IsSilence(Exception error) =>
        error is TimeoutException or ImageCenterException { IsTransient: true };
}
