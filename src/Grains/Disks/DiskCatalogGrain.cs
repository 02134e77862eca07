using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Disks;

/// <summary>
/// One shard of the disk catalog: a change is in storage before its caller hears of it. Reentrant, so that changes that
/// arrive while one write is under way share the next: a thousand disks that start to hydrate cost a few writes.
/// </summary>
[Reentrant]
internal sealed class DiskCatalogGrain(
    [PersistentState("disks", StorageNames.Metadata)] IPersistentState<DiskCatalogState> state)
    : Grain, IDiskCatalogGrain
{
    private readonly SharedWrite _write = new(state);

    private Dictionary<string, DiskInfo> Known => state.State.Disks;

    public async Task<ImmutableArray<DiskInfo>> AddAsync(
        ImmutableArray<DiskInfo> disks, CancellationToken cancellationToken)
    {
        var added = disks.Where(disk => !IsThere(disk)).ToList();
        added.ForEach(disk => Known.Add(disk.Name, disk));
        ImmutableArray<DiskInfo> recorded = [.. disks.Select(disk => Known[disk.Name])];

        // Also when nothing is new: what is there may be of a write that is still under way.
        await _write.SaveAsync(isChanged: added.Count > 0);
        return recorded;
    }

    public Task<DiskInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(Known.GetValueOrDefault(name));

    public Task<ImmutableArray<DiskInfo>> ListAsync(SnapshotId? parent, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<DiskInfo>>(
            [.. Known.Values.Where(disk => parent is null || disk.Parent == parent)]);

    public async Task<bool> UpdateAsync(DiskInfo disk, CancellationToken cancellationToken)
    {
        if (!Known.TryGetValue(disk.Name, out var old) || old.Id != disk.Id)
        {
            return false;
        }

        Known[disk.Name] = disk;
        await _write.SaveAsync(isChanged: old != disk);
        return true;
    }

    public async Task<bool> RemoveAsync(string name, Guid diskId, CancellationToken cancellationToken)
    {
        if (!Known.TryGetValue(name, out var removed) || removed.Id != diskId)
        {
            return false;
        }

        Known.Remove(name);
        await _write.SaveAsync(isChanged: true);
        return true;
    }

    /// <summary>Whether the disk exists already, as the same clone.</summary>
    /// <exception cref="SnapshotGrainsException">The name is taken by another.</exception>
    private bool IsThere(DiskInfo disk)
    {
        if (!Known.TryGetValue(disk.Name, out var existing))
        {
            return false;
        }

        if (existing.Parent != disk.Parent)
        {
            throw new SnapshotGrainsException(
                ErrorCode.AlreadyExists,
                $"Disk '{disk.Name}' exists already, as a clone of {existing.Parent}; choose another name.");
        }

        return existing.State != DiskState.Deleting
            ? true
            : throw new SnapshotGrainsException(
                ErrorCode.AlreadyExists, $"Disk '{disk.Name}' is still being deleted; choose another name.");
    }
}
