using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Steps that attach, make and delete disks and snapshots.</summary>
internal sealed partial class ModelRun
{
    private async Task<string?> AttachAsync(ReferenceDisk disk, Random random)
    {
        var isReader = random.Next(2) == 0;
        _what = $"{disk.Name} for {(isReader ? "reading" : "writing")}";
        if (isReader)
        {
            disk.Reader ??= await _node.AttachAsync(disk.Name, DiskAccess.ReadOnly, "reader");
            return await MustFailAsync(
                async () => await disk.Reader.WriteAsync(0, new byte[1]), ErrorCode.BadRequest);
        }

        await WriterOfAsync(disk);
        return null;
    }

    private async Task<string?> DetachAsync(ReferenceDisk disk, Random random)
    {
        _what = disk.Name;
        if (disk.Reader is { } reader && (disk.Writer is null || random.Next(2) == 0))
        {
            disk.Reader = null;
            await reader.DisposeAsync();
        }
        else if (disk.Writer is { } writer)
        {
            disk.Writer = null;
            await writer.DisposeAsync();
        }

        return null;
    }

    private async Task<string?> ConflictAsync(ReferenceDisk disk)
    {
        _what = disk.Name;
        return disk.Writer is null ? null : await MustFailAsync(
            async () => await _node.AttachAsync(disk.Name, holder: "rival"), ErrorCode.InUse);
    }

    /// <summary>Whoever had the disk is fenced, for writing and for reading what may be old.</summary>
    private async Task<string?> TakeOverAsync(ReferenceDisk disk, Random random)
    {
        _what = disk.Name;
        var (writer, reader) = (disk.Writer, disk.Reader);
        disk.Writer = Wrap(await _node.AttachAsync(disk.Name, DiskAccess.TakeOver, $"owner-{random.Next()}"));
        if (writer is null)
        {
            return null;
        }

        disk.Reader = null;
        var wrong = await MustFailAsync(
            async () => await writer.WriteAsync(0, new byte[1]), ErrorCode.Fenced)
            ?? await MustFailAsync(() => ReadAsync(writer, 0, new byte[1]), ErrorCode.Fenced);
        await writer.DisposeAsync();
        if (reader is not null)
        {
            await reader.DisposeAsync();
        }

        return wrong;
    }

    private async Task<string?> CloneAsync(Random random)
    {
        if (_disks.Count == MaxDisks)
        {
            return null;
        }

        var parent = random.Next(2) == 0 && _snapshots.Count > 0 ? _snapshots.Keys.ElementAt(
            random.Next(_snapshots.Count)) : _images.All[random.Next(_images.All.Count)].Id;
        return await CloneAsync(parent, random);
    }

    private async Task<string?> CloneAsync(SnapshotId parent, Random random)
    {
        var mode = (HydrationMode)random.Next(3);
        var name = Enumerable.Range(0, MaxDisks).Select(i => $"{_prefix}-vm{i}")
            .First(name => !_disks.Exists(disk => disk.Name == name));
        var options = new CloneOptions(mode, ModelLayouts.Choose(random));
        _what = $"{parent} to {name}, {mode}, {options.Layout}";
        if (_snapshots.TryGetValue(parent, out var made) && made.IsDeleting)
        {
            return await MustFailAsync(
                () => _node.CloneAsync(parent, name, options), ErrorCode.InUse, ErrorCode.NotFound);
        }

        var content = made?.Content ?? _images.All.First(image => image.Id == parent).Content;
        var info = await _node.CloneAsync(parent, name, options);
        _disks.Add(new ReferenceDisk(name, parent, content) { IsEncrypted = info.Key is not null });
        return info.SizeBytes == content.Length ? null : $"it has {info.SizeBytes} bytes, not {content.Length}";
    }

    private async Task<string?> SnapshotAsync(ReferenceDisk disk)
    {
        var id = Enumerable.Range(0, MaxSnapshots).Select(i => SnapshotId.Parse($"{_prefix}-s{i}@1"))
            .FirstOrDefault(id => !_snapshots.ContainsKey(id));
        _what = $"{disk.Name} as {id}";
        if (id == default)
        {
            return null;
        }

        DiskSnapshotProgress progress;
        while (!(progress = await _node.Control.SnapshotDiskAsync(disk.Name, id, None)).IsDone)
        {
            _node.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        disk.Flushed();
        var content = disk.IsEncrypted ? InWholeSectors(disk.Content()) : disk.Content();
        _snapshots.Add(id, new ModelSnapshot(content));
        return progress.Image!.SizeBytes == content.Length && progress.Image.Id == id
            && progress.Image.Key is not null == disk.IsEncrypted
            ? null : $"{progress.Image} was made";
    }

    /// <summary>Ciphertext has no other sizes.</summary>
    private static byte[] InWholeSectors(byte[] content)
    {
        var sectors = (content.Length + ReferenceDisk.Block - 1) / ReferenceDisk.Block;
        Array.Resize(ref content, sectors * ReferenceDisk.Block);
        return content;
    }

    private async Task<string?> DeleteImageAsync(Random random)
    {
        if (_snapshots.Count == 0)
        {
            return null;
        }

        var (id, snapshot) = _snapshots.ElementAt(random.Next(_snapshots.Count));
        var isDeferred = random.Next(2) == 0;
        _what = $"{id}{(isDeferred ? " when nobody needs it" : "")}";
        try
        {
            snapshot.IsDeleting |= isDeferred;
            if (await _node.Control.DeleteImageAsync(id, isDeferred, None) == 0)
            {
                _snapshots.Remove(id);
            }
        }
        catch (SnapshotGrainsException error) when (snapshot.IsDeleting && error.Code == ErrorCode.NotFound)
        {
            _snapshots.Remove(id);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.InUse)
        {
            return _disks.Exists(disk => disk.Parent == id) ? null : error.Message;
        }

        return null;
    }

    private async Task<string?> ResizeAsync(ReferenceDisk disk, Random random)
    {
        var size = random.Next(1, MaxBytes / 2 / ReferenceDisk.Block) * (long)ReferenceDisk.Block;
        _what = $"{disk.Name} from {disk.SizeBytes} to {size}";
        if (disk.IsAttached)
        {
            return await MustFailAsync(() => _node.Control.ResizeDiskAsync(disk.Name, size, None), ErrorCode.InUse);
        }

        var info = await _node.Control.ResizeDiskAsync(disk.Name, size, None);
        disk.Resize(size);
        return info.SizeBytes == size ? null : $"it has {info.SizeBytes} bytes";
    }

    private async Task<string?> DeleteAsync(ReferenceDisk disk)
    {
        _what = disk.Name;
        if (disk.IsAttached)
        {
            return await MustFailAsync(() => _node.Control.DeleteDiskAsync(disk.Name, None), ErrorCode.InUse);
        }

        await _node.Control.DeleteDiskAsync(disk.Name, None);
        _disks.Remove(disk);
        return await MustFailAsync(async () => await _node.AttachAsync(disk.Name), ErrorCode.NotFound);
    }
}
