using System.Collections.Concurrent;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>
/// The manifests that this process works with. A manifest is immutable under its name for as long as disks depend
/// on it; a name that was deleted and imported anew is noticed when it is opened, or when a digest does not fit.
/// </summary>
public sealed class ManifestCache(IImageSource source)
{
    private readonly ConcurrentDictionary<SnapshotId, Manifest> _manifests = new();

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
        catch (SnapshotGrainsException error) when (error.IsTransient && _manifests.TryGetValue(id, out _))
        {
            return _manifests[id];
        }
    }

    /// <summary>Reads the manifest again, because what is in memory did not fit.</summary>
    public async ValueTask<Manifest> RefreshAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await source.GetManifestAsync(id.Name, id.Snap, cancellationToken).ConfigureAwait(false);
            return _manifests.AddOrUpdate(
                id, manifest, (_, old) => old.Map.ContentEquals(manifest.Map) ? old : manifest);
        }
        catch (ImageCenterException error)
        {
            if (error.Code == ImageErrorCode.NotFound)
            {
                _manifests.TryRemove(id, out _);
            }

            throw ImageErrors.Translate(error);
        }
    }

    /// <summary>Forgets a deleted snapshot.</summary>
    public void Forget(SnapshotId id) => _manifests.TryRemove(id, out _);
}
