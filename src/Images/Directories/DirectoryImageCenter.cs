using System.Runtime.CompilerServices;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// An image center in a directory: manifests and packs as plain files, so that any web server can serve it as it is.
/// Several processes may use one directory at a time. docs/FORMATS.md, "Image center". Thread-safe.
/// </summary>
public sealed partial class DirectoryImageCenter : IImageCenter, IDisposable
{
    private readonly DirectoryCenterOptions _options;
    private readonly CenterLayout _layout;
    private readonly CenterLocks _locks;
    private readonly PackHandles _handles;

    private DirectoryImageCenter(CenterLayout layout, DirectoryCenterOptions options)
    {
        _options = options;
        _layout = layout;
        _locks = new CenterLocks(layout, options.LockTimeout, options.TimeProvider);
        _handles = new PackHandles(layout, options.MaxOpenPacks);
    }

    /// <summary>The directory.</summary>
    public string Path => _layout.Root;

    /// <summary>Opens the image center in a directory; makes an empty one where there is none.</summary>
    /// <exception cref="ImageCenterException">See the other overload.</exception>
    public static Task<DirectoryImageCenter> OpenAsync(string path, CancellationToken cancellationToken = default) =>
        OpenAsync(path, new DirectoryCenterOptions(), cancellationToken);

    /// <summary>Opens the image center in a directory, and removes what dead imports have left there.</summary>
    /// <exception cref="ImageCenterException">NotFound (there is none, and none is to be made), BadRequest (the
    /// directory holds something else), UnsupportedVersion, Corrupt, Unavailable.</exception>
    public static async Task<DirectoryImageCenter> OpenAsync(
        string path, DirectoryCenterOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var layout = new CenterLayout(System.IO.Path.GetFullPath(path));
        try
        {
            await CenterMarker.VerifyOrCreateAsync(layout, options.CreateIfMissing, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw ImageErrors.FromIo($"open '{layout.Root}'", e);
        }

        var center = new DirectoryImageCenter(layout, options);
        center.Sweep();
        center.UpdateIndexIfFree();
        return center;
    }

    /// <inheritdoc/>
    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken)
    {
        ImageName.Verify(name, snap);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<Manifest>(ReadManifest(name, snap));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImageSummary> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<(string Name, string Snap)> images;
        try
        {
            images = [.. _layout.EnumerateImages()];
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw ImageErrors.Unavailable("list its images", e);
        }

        foreach (var (name, snap) in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Summarize(name, snap) is { } summary)
            {
                yield return summary;
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        ReadRangeAsync(pack, offset, destination, null, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        using var digest = new RunningDigest();
        await ReadRangeAsync(pack, offset, destination, digest, cancellationToken).ConfigureAwait(false);
        return digest.Finish();
    }

    private async ValueTask ReadRangeAsync(
        PackId pack, long offset, Memory<byte> destination, RunningDigest? digest, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        try
        {
            using var lease = _handles.Open(pack);
            var filling = digest is null
                ? FileRange.FillAsync(lease.File, offset, destination, cancellationToken)
                : FileRange.FillAsync(lease.File, offset, destination, digest, cancellationToken);
            var filled = await filling.ConfigureAwait(false);
            if (filled < destination.Length)
            {
                throw ImageErrors.Truncated(pack, offset, destination.Length, filled);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw IsThere ? ImageErrors.PackNotFound(pack, e) : ImageErrors.Gone(_layout.MarkerFile, e);
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw ImageErrors.Unavailable($"read pack {pack}", e);
        }
    }

    /// <inheritdoc/>
    public void Forget(PackId pack) => _handles.Forget(pack);

    /// <summary>Closes the packs. Reads in flight end normally.</summary>
    public void Dispose() => _handles.Dispose();

    /// <summary>An empty mount point has no images either; the marker tells it from a center that lost some.</summary>
    private bool IsThere => File.Exists(_layout.MarkerFile);

    private Manifest ReadManifest(string name, string snap)
    {
        try
        {
            using var file = OpenManifest(name, snap);
            var manifest = Manifest.Read(file);
            return manifest.Name == name && manifest.Snap == snap
                ? manifest
                : throw new CorruptFormatException("manifest", 0, $"it belongs to image {manifest}");
        }
        catch (CorruptFormatException e)
        {
            throw ImageErrors.Damaged(name, snap, e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw IsThere ? ImageErrors.NotFound(name, snap) : ImageErrors.Gone(_layout.MarkerFile, e);
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw ImageErrors.Unavailable($"read the manifest of {name}@{snap}", e);
        }
    }

    /// <summary>Null when the image was deleted since it was listed.</summary>
    private ImageSummary? Summarize(string name, string snap)
    {
        try
        {
            using var file = OpenManifest(name, snap);
            return ManifestHeader.Read(ManifestHeader.ReaderOf(file)).Summarize();
        }
        catch (CorruptFormatException e)
        {
            return new ImageSummary { Name = name, Snap = snap, Problem = e.Message };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            return new ImageSummary { Name = name, Snap = snap, Problem = e.Message };
        }
    }

    private FileStream OpenManifest(string name, string snap) => new(
        _layout.ManifestFile(name, snap), FileMode.Open, FileAccess.Read,
        FileShare.ReadWrite | FileShare.Delete, 65536);
}
