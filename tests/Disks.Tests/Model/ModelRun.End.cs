namespace SnapshotGrains.Disks.Tests;

/// <summary>What must be true when all steps are made.</summary>
internal sealed partial class ModelRun
{
    private async Task<string?> EndAsync() =>
        await CheckAllAsync() ?? await FlattenOneAsync() ?? await DeleteAllAsync() ?? await CheckNothingIsLeftAsync();

    private async Task<string?> CheckAllAsync()
    {
        _what = "all disks are compared";
        foreach (var disk in _disks)
        {
            if ((disk.Compare(0, (await ReadAllAsync(disk)).Span) ?? await ProgressAsync(disk)) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    /// <summary>A ready disk needs no image center, also after a restart.</summary>
    private async Task<string?> FlattenOneAsync()
    {
        if (_disks.FirstOrDefault() is not { } disk)
        {
            return null;
        }

        _what = $"{disk.Name} is flattened";
        await _node.Control.ControlHydrationAsync(disk.Name, HydrationCommand.Flatten, None);
        await HydrateAsync(disk.Name, 1);
        disk.Flushed();
        _node.Plane.IsDown = true;
        _what = $"{disk.Name} is read without image center";
        var wrong = disk.Compare(0, (await ReadAllAsync(disk)).Span);
        if (wrong is null)
        {
            await RestartAsync();
            _what = $"{disk.Name} is read after a restart without image center";
            wrong = disk.Compare(0, (await ReadAllAsync(disk)).Span);
        }

        _node.Plane.IsDown = false;
        return wrong;
    }

    private async Task<string?> DeleteAllAsync()
    {
        foreach (var disk in _disks.ToArray())
        {
            await DetachAsync(disk, new Random(0));
            await DetachAsync(disk, new Random(0));
            if (await DeleteAsync(disk) is { } wrong)
            {
                return wrong;
            }
        }

        foreach (var (id, _) in _snapshots.Where(snapshot => !snapshot.Value.IsDeleting))
        {
            _what = $"{id} is deleted";
            await _node.Control.DeleteImageAsync(id, isDeferred: false, None);
        }

        return null;
    }

    /// <summary>No file of a disk, and no image whose deletion was to wait for its disks.</summary>
    private async Task<string?> CheckNothingIsLeftAsync()
    {
        _what = "what is left";
        if (_node.Files.Names.Any())
        {
            return $"the files {string.Join(", ", _node.Files.Names)} are left";
        }

        using var deadline = new CancellationTokenSource(Patience);
        foreach (var id in _snapshots.Keys)
        {
            while (await ExistsAsync(id))
            {
                // A disk's report that it needs its parent no more may still be on its way.
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, deadline.Token);
            }
        }

        return null;
    }

    private async Task<bool> ExistsAsync(SnapshotId id)
    {
        try
        {
            await _node.Silo.Center.GetManifestAsync(id.Name, id.Snap, None);
            return true;
        }
        catch (Images.ImageCenterException error) when (error.Code == Images.ImageErrorCode.NotFound)
        {
            return false;
        }
    }
}
