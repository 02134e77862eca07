using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Records;

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
    private readonly GroupWrite<DiskCatalogState> _write = new(state);

    private Dictionary<string, DiskInfo> Known => state.State.Disks;

    public Task<ImmutableArray<DiskInfo>> AddAsync(
        ImmutableArray<DiskInfo> disks, bool isAnyFormat, CancellationToken cancellationToken) =>
        _write.RunAsync<ImmutableArray<DiskInfo>>(undo =>
        {
            foreach (var disk in disks.Where(disk => !IsThere(disk, isAnyFormat)).ToList())
            {
                Known.Add(disk.Name, disk);
                undo.Add(() => Known.Remove(disk.Name));
            }

            return [.. disks.Select(disk => Known[disk.Name])];
        });

    public Task<DiskInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        _write.ReadAsync(() => Known.GetValueOrDefault(name));

    public Task<ImmutableArray<DiskInfo>> ListAsync(SnapshotId? parent, CancellationToken cancellationToken) =>
        _write.ReadAsync<ImmutableArray<DiskInfo>>(
            () => [.. Known.Values.Where(disk => parent is null || disk.Parent == parent)]);

    public Task<bool> UpdateAsync(DiskInfo disk, CancellationToken cancellationToken) => _write.RunAsync(undo =>
    {
        if (!Known.TryGetValue(disk.Name, out var old) || old.Id != disk.Id)
        {
            return false;
        }

        if (old.Home is not null && old.Home != disk.Home)
        {
            // Of two activations that both think that they chose it, one must learn that it did not.
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"Disk '{disk.Name}' has its blocks on another node; try again.");
        }

        if (old != disk)
        {
            Known[disk.Name] = disk;
            undo.Add(() => Known[disk.Name] = old);
        }

        return true;
    });

    public Task<bool> RemoveAsync(string name, Guid diskId, CancellationToken cancellationToken) =>
        _write.RunAsync(undo =>
        {
            if (!Known.TryGetValue(name, out var removed) || removed.Id != diskId)
            {
                return false;
            }

            Known.Remove(name);
            undo.Add(() => Known.Add(name, removed));
            return true;
        });

    /// <summary>Whether the disk exists already, as the same clone.</summary>
    /// <exception cref="SnapshotGrainsException">The name is taken by another.</exception>
    private bool IsThere(DiskInfo disk, bool isAnyFormat) =>
        Known.TryGetValue(disk.Name, out var existing)
        && (NameConflict.ProblemOf(existing, disk.Replica, disk.Key, isAnyFormat) is { } problem
            ? throw new SnapshotGrainsException(ErrorCode.AlreadyExists, problem)
            : true);
}
