using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <content>Import: data first, then the manifest, each durable before the next step.</content>
public sealed partial class DirectoryImageCenter
{
    private readonly SemaphoreSlim _dedupGate = new(1, 1);
    private DedupIndex? _dedup;

    /// <inheritdoc/>
    public async ValueTask<Manifest> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        Verify(request);
        try
        {
            Manifest manifest;
            using (await _locks.UseAsync(cancellationToken).ConfigureAwait(false))
            {
                manifest = await ImportLockedAsync(request, cancellationToken).ConfigureAwait(false);
            }

            SweepIfPending();
            return manifest;
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            throw ImageErrors.FromIo($"import {request.Name}@{request.Snap}", e);
        }
    }

    private static void Verify(ImportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ImageName.Verify(request.Name, request.Snap);
        var problem = request switch
        {
            { Content: null, Reader: null } => "there is no content",
            { Content: not null, Reader: not null } => "there are two contents, a stream and a reader",
            { LengthBytes: < 0 } => $"the length {request.LengthBytes} is negative",
            _ when !SegmentMap.IsValidSegmentSize(request.SegmentSizeBytes) =>
                $"the segment size {request.SegmentSizeBytes} is not a power of two from 64 KiB to 16 MiB",
            { Base: { } image } when image.Map.SegmentSizeBytes != request.SegmentSizeBytes =>
                $"its base {image} has segments of {image.Map.SegmentSizeBytes} bytes, not {request.SegmentSizeBytes}",
            { Base: { } image } when image.Key != request.Key =>
                $"its base {image} is under {image.Key?.Name ?? "no key"}, not {request.Key?.Name ?? "without one"}",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest, $"Cannot import {request.Name}@{request.Snap}: {problem}.");
        }
    }

    private async Task<Manifest> ImportLockedAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        request = request with { Base = request.Base is null ? null : RequireBase(request.Base) };
        var existing = FindExisting(request.Name, request.Snap);
        if (existing is not null && existing.Map.SegmentSizeBytes != request.SegmentSizeBytes)
        {
            throw DirectoryImport.AlreadyExists(existing);
        }

        var dedup = await LoadDedupAsync(cancellationToken).ConfigureAwait(false);
        using var import = new DirectoryImport(
            request, existing, dedup, this, new PackWriter(_layout, _options.CreatePackFile), _options.MaxDedupEntries);

        // Whole milliseconds, as the manifest keeps them: what is returned now equals what is read later.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(_options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        var manifest = await import.RunAsync(_options.ImportBufferBytes, now, cancellationToken)
            .ConfigureAwait(false);
        if (existing is not null && !import.HasMoved)
        {
            return existing;
        }

        import.CommitPack();
        var placed = await PlaceOrRevokeAsync(import, manifest, existing, cancellationToken).ConfigureAwait(false);
        dedup.Add(placed);
        return placed;
    }

    private async Task<Manifest> PlaceOrRevokeAsync(
        DirectoryImport import, Manifest manifest, Manifest? existing, CancellationToken cancellationToken)
    {
        var isPlaced = false;
        try
        {
            using var commit = await _locks.CommitAsync(cancellationToken).ConfigureAwait(false);
            var rival = FindExisting(manifest.Name, manifest.Snap);
            if (rival is not null && !rival.Map.ContentEquals(manifest.Map))
            {
                throw DirectoryImport.AlreadyExists(rival);
            }

            if (rival is not null && existing is null)
            {
                return rival;
            }

            Place(manifest);
            isPlaced = true;
            FlushDirectories(manifest.Name);
            UpdateIndex();
        }
        finally
        {
            if (!isPlaced)
            {
                import.RevokePack();
            }
        }

        return manifest;
    }

    /// <summary>Writes the manifest beside its place and renames it: at no moment is there half a manifest.</summary>
    private void Place(Manifest manifest)
    {
        var final = _layout.ManifestFile(manifest.Name, manifest.Snap);
        var temporary = _layout.TemporaryFile(final);
        Directory.CreateDirectory(_layout.ImageDirectory(manifest.Name));
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 65536))
            {
                manifest.WriteTo(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, final, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private void FlushDirectories(string name)
    {
        DirectoryFlush.Flush(_layout.ImageDirectory(name));
        DirectoryFlush.Flush(_layout.Images);
    }

    /// <summary>
    /// The image of that name; null when there is none, or when its manifest is damaged: nobody can use that one any
    /// more, and importing is how it is replaced.
    /// </summary>
    private Manifest? FindExisting(string name, string snap)
    {
        try
        {
            return ReadManifest(name, snap);
        }
        catch (ImageCenterException e) when (e.Code is ImageErrorCode.NotFound or ImageErrorCode.Corrupt)
        {
            return null;
        }
    }

    /// <summary>The index of stored content, made from the manifests when the first import needs it.</summary>
    private async ValueTask<DedupIndex> LoadDedupAsync(CancellationToken cancellationToken)
    {
        await _dedupGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _dedup ??= BuildDedup();
        }
        finally
        {
            _dedupGate.Release();
        }
    }

    private DedupIndex BuildDedup()
    {
        var index = new DedupIndex(_options.MaxDedupEntries);
        foreach (var (name, snap) in _layout.EnumerateImages())
        {
            // What cannot be read is not shared; whoever needs that image gets the error.
            if (FindExisting(name, snap) is { } manifest)
            {
                index.Add(manifest);
            }
        }

        return index;
    }
}
