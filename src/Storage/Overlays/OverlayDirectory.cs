using System.Collections.Concurrent;

namespace SnapshotGrains.Storage;

/// <summary>
/// A directory of overlays, one pair of files a disk that was used. Knows which are open, so that a newer owner in this
/// process fences an older one at once; owners in other processes are kept out by the data file's lock.
/// Thread-safe.
/// </summary>
public sealed class OverlayDirectory : IAsyncDisposable
{
    private const int GateCount = 32;
    private readonly string _path;
    private readonly OverlayOptions _options;
    private readonly IBlockFileSystem _files;
    private readonly ConcurrentDictionary<Guid, OverlayStore> _open = new();
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, GateCount).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Uses a directory; it is created with the first file.</summary>
    /// <param name="path">Absolute path. Its file system must support locks (flock(2)) and atomic renames.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="files">Where the files are; null for the operating system's.</param>
    public OverlayDirectory(string path, OverlayOptions? options = null, IBlockFileSystem? files = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _options, _files) = (path, options ?? new(), files ?? BlockFileSystem.Instance);
        _options.Validate();
    }

    /// <summary>
    /// Opens a disk's overlay for the owner <paramref name="epoch"/>. An owner with a lower epoch in this process is
    /// fenced: what it had acknowledged is kept and everything it asks for afterwards is refused. Leaves an empty data
    /// file for the first epoch, 1, which keeps owners in other processes out; a later one leaves its number on disk.
    /// </summary>
    /// <param name="diskId">The disk.</param>
    /// <param name="sizeBytes">Size of a disk without files; where there are files their size counts.</param>
    /// <param name="epoch">At least 1, higher with each new owner.</param>
    /// <param name="cancellationToken">Ends the wait for another opener of the same disk.</param>
    /// <exception cref="OverlayFencedException">A newer owner was here.</exception>
    /// <exception cref="OverlayBusyException">The same epoch has it open already, or another process has.</exception>
    /// <exception cref="OverlayCorruptException">The map is damaged beyond its second copy.</exception>
    /// <exception cref="OverlayException">The files cannot be read or written.</exception>
    public async Task<OverlayStore> OpenAsync(
        Guid diskId, long sizeBytes, long epoch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeBytes, OverlayStore.MaxSizeBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        using var turn = await EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        if (_open.TryGetValue(diskId, out var older))
        {
            await SupersedeAsync(older, epoch).ConfigureAwait(false);
        }

        var store = new OverlayStore(_files, new(_path, diskId), _options, sizeBytes, epoch, Forget);
        store.Open();
        _open[diskId] = store;
        return store;
    }

    /// <summary>Deletes a disk's overlay, durably; does nothing where there is none.</summary>
    /// <exception cref="OverlayBusyException">It is open.</exception>
    public async Task DeleteAsync(Guid diskId, CancellationToken cancellationToken = default)
    {
        using var turn = await EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        if (_open.ContainsKey(diskId))
        {
            throw new OverlayBusyException(diskId, "it is open; close it before deleting it");
        }

        var paths = new OverlayPaths(_path, diskId);
        try
        {
            using var owned = _files.TryOpen(paths.Data);

            // Without its map the data file means nothing, so a crash in between leaves no half of a disk.
            _files.TryOpen(paths.Map)?.Dispose();
            _files.Delete(paths.Map);
            _files.FlushDirectory(_path);
            _files.Delete(paths.NewMap);
            _files.Delete(paths.Data);
            _files.FlushDirectory(_path);
        }
        catch (BlockFileBusyException e)
        {
            throw new OverlayBusyException(diskId, "another process has its files open", e);
        }
    }

    /// <summary>Closes every overlay that is open.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var store in _open.Values)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task SupersedeAsync(OverlayStore older, long epoch)
    {
        if (older.Epoch > epoch)
        {
            throw new OverlayFencedException(older.DiskId, epoch, older.Epoch);
        }

        if (older.Epoch == epoch)
        {
            throw new OverlayBusyException(older.DiskId, $"epoch {epoch} has it open; open it with a higher epoch");
        }

        try
        {
            await older.FenceAsync(epoch).ConfigureAwait(false);
        }
        finally
        {
            Forget(older);
        }
    }

    private void Forget(OverlayStore store) => _open.TryRemove(new(store.DiskId, store));

    private async Task<Turn> EnterAsync(Guid diskId, CancellationToken cancellationToken)
    {
        var gate = _gates[(uint)diskId.GetHashCode() % GateCount];
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new(gate);
    }

    private readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
