using System.Collections.Concurrent;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>
/// The manifests that this process works with. A manifest is immutable under its name for as long as disks depend
/// on it; a name that was deleted and imported anew is noticed when it is opened, or when a segment does not fit.
/// </summary>
public sealed class ManifestCache(IImageSource source, TimeProvider time)
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SnapshotId, Manifest> _manifests = new();
    private readonly ConcurrentDictionary<SnapshotId, Lazy<Task<Manifest>>> _reads = new();

    /// <summary>The manifest, from memory if it was read before.</summary>
    public async ValueTask<Manifest> GetAsync(SnapshotId id, CancellationToken cancellationToken) =>
        _manifests.TryGetValue(id, out var known)
            ? known
            : await RefreshAsync(id, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The manifest as the image center has it now; the one in memory when the image center does not answer, so
    /// that disks open during its outage.
    /// </summary>
    public async ValueTask<Manifest> GetCurrentAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        try
        {
            return await RefreshAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.IsTransient && _manifests.ContainsKey(id))
        {
            return await GetAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the manifest again, because what is in memory may not fit; all who ask share one read.</summary>
    public async ValueTask<Manifest> RefreshAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        try
        {
            var read = _reads.GetOrAdd(id, _ => new Lazy<Task<Manifest>>(() => ReadAsync(id)));
            return await read.Value.WaitAsync(ReadTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.Translate(error);
        }
        catch (TimeoutException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.ImageCenterUnavailable,
                $"The image center did not give the manifest of {id} within {ReadTimeout.TotalSeconds:0} s.", error);
        }
    }

    /// <summary>The key that a snapshot's segments are under, as far as it is in memory; null for none.</summary>
    public KeyRef? KeyOf(SnapshotId id) =>
        _manifests.TryGetValue(id, out var known) ? ImageDescription.KeyOf(known.Key) : null;

    /// <summary>Forgets a deleted snapshot.</summary>
    public void Forget(SnapshotId id) => _manifests.TryRemove(id, out _);

    private async Task<Manifest> ReadAsync(SnapshotId id)
    {
        try
        {
            // On the pool: a source may read synchronously, and a hanging file system must not hold its callers.
            return _manifests[id] = await Task.Run(
                async () => await source.GetManifestAsync(id.Name, id.Snap, CancellationToken.None)
                    .ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (ImageCenterException error) when (error.Code == ImageErrorCode.NotFound)
        {
            Forget(id);
            throw;
        }
        finally
        {
            _reads.TryRemove(id, out _);
        }
    }
}
