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

    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (!state.State.Disks.Remove(name, out var removed))
        {
            return false;
        }

        await WriteOrUndoAsync(() => state.State.Disks.Add(name, removed));
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
