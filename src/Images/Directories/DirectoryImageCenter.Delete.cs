using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <content>
/// Deletion: first the manifest, durably, then the packs that nobody uses. A crash in between leaves packs without a
/// manifest, never a manifest without its packs; the next clean-up removes them.
/// </content>
public sealed partial class DirectoryImageCenter
{
    private int _sweepPending;

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, string snap, CancellationToken cancellationToken)
    {
        ImageName.Verify(name, snap);
        try
        {
            using (await _locks.CommitAsync(cancellationToken).ConfigureAwait(false))
            {
                RemoveManifest(name, snap);
                UpdateIndex();
            }
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw ImageErrors.FromIo($"delete {name}@{snap}", e);
        }

        Sweep();
    }

    private void RemoveManifest(string name, string snap)
    {
        var path = _layout.ManifestFile(name, snap);
        if (!File.Exists(path))
        {
            throw ImageErrors.NotFound(name, snap);
        }

        File.Delete(path);
        var directory = _layout.ImageDirectory(name);
        DirectoryFlush.Flush(directory);
        if (!Directory.EnumerateFileSystemEntries(directory).Any())
        {
            Directory.Delete(directory);
        }
    }

    private void SweepIfPending()
    {
        if (Volatile.Read(ref _sweepPending) != 0)
        {
            Sweep();
        }
    }

    /// <summary>
    /// Removes packs without a manifest and files of dead imports. While an import is alive, here or in another
    /// process, it does nothing: what looks unused may be about to be used. The end of the import tries again.
    /// </summary>
    private void Sweep()
    {
        try
        {
            using var exclusive = _locks.TryExclude();
            Volatile.Write(ref _sweepPending, exclusive is null ? 1 : 0);
            if (exclusive is null)
            {
                return;
            }

            foreach (var path in _layout.EnumerateTemporaryFiles())
            {
                File.Delete(path);
            }

            RemoveUnusedPacks();
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            // Tidying is not what the caller came for: a center on a read-only disk still serves. Tried again later.
            Volatile.Write(ref _sweepPending, 1);
        }
    }

    private void RemoveUnusedPacks()
    {
        var used = FindUsedPacks();
        if (used is null)
        {
            return;
        }

        foreach (var (pack, path) in _layout.EnumeratePacks())
        {
            if (!used.Contains(pack))
            {
                _handles.Forget(pack);
                File.Delete(path);
                _dedup = null;
            }
        }
    }

    /// <summary>Null when a manifest cannot be read: nobody knows then which packs it needs, so none may go.</summary>
    private HashSet<PackId>? FindUsedPacks()
    {
        var used = new HashSet<PackId>();
        foreach (var (name, snap) in _layout.EnumerateImages())
        {
            try
            {
                using var file = OpenManifest(name, snap);
                used.UnionWith(Manifest.ReadPacks(file));
            }
            catch (CorruptFormatException)
            {
                return null;
            }
        }

        return used;
    }
}
