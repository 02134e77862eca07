using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Disks;

/// <summary>One shard of the disk catalog: a change is in storage before its caller hears of it.</summary>
internal sealed class DiskCatalogGrain(
    [PersistentState("disks", StorageNames.Metadata)] IPersistentState<DiskCatalogState> state)
    : Grain, IDiskCatalogGrain
{
    public async Task<ImmutableArray<DiskInfo>> AddAsync(
        ImmutableArray<DiskInfo> disks, CancellationToken cancellationToken)
    {
        var known = state.State.Disks;
        var added = new List<DiskInfo>(disks.Length);
        foreach (var disk in disks)
        {
            if (!known.TryGetValue(disk.Name, out var existing))
            {
                added.Add(disk);
            }
            else if (existing.Parent != disk.Parent)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.AlreadyExists,
                    $"Disk '{disk.Name}' exists already, as a clone of {existing.Parent}; choose another name.");
            }
            else if (existing.State == DiskState.Deleting)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.AlreadyExists, $"Disk '{disk.Name}' is still being deleted; choose another name.");
            }
        }

        if (added.Count > 0)
        {
            added.ForEach(disk => known.Add(disk.Name, disk));
            await WriteOrUndoAsync(() => added.ForEach(disk => known.Remove(disk.Name)));
        }

        return [.. disks.Select(disk => known[disk.Name])];
    }

    public Task<DiskInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(state.State.Disks.GetValueOrDefault(name));

    public Task<ImmutableArray<DiskInfo>> ListAsync(SnapshotId? parent, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<DiskInfo>>(
            [.. state.State.Disks.Values.Where(disk => parent is null || disk.Parent == parent)]);

    public async Task<bool> UpdateAsync(DiskInfo disk, CancellationToken cancellationToken)
    {
        var known = state.State.Disks;
        if (!known.TryGetValue(disk.Name, out var old) || old.Id != disk.Id)
        {
            return false;
        }

        if (old != disk)
        {
            known[disk.Name] = disk;
            await WriteOrUndoAsync(() => known[disk.Name] = old);
        }

        return true;
    }

    public async Task<bool> RemoveAsync(string name, Guid diskId, CancellationToken cancellationToken)
    {
        var known = state.State.Disks;
        if (!known.TryGetValue(name, out var removed) || removed.Id != diskId)
        {
            return false;
        }

        known.Remove(name);
        await WriteOrUndoAsync(() => known.Add(name, removed));
        return true;
    }

    /// <summary>Memory must not run ahead of storage: what was not written did not happen.</summary>
    private async Task WriteOrUndoAsync(Action undo)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            undo();
            throw;
        }
    }
}
