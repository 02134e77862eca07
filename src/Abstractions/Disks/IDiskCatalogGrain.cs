using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// One shard of the list of all disks, the durable record that a disk exists. Key: the shard's number, 0 to
/// <see cref="DiskCatalog.Shards"/> - 1; <see cref="DiskCatalog.ShardOf"/> says which shard holds a name.
/// </summary>
[Alias("snapgrains.IDiskCatalogGrain")]
public interface IDiskCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Records new disks with one write: all of them or none. Equal disks that exist are left alone.</summary>
    /// <param name="disks">The disks.</param>
    /// <param name="isAnyFormat">Whether a disk that differs in its stripe format only is equal.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disks as recorded, in the order given.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.AlreadyExists"/>: a name is taken.</exception>
    [Alias("Add")]
    Task<ImmutableArray<DiskInfo>> AddAsync(
        ImmutableArray<DiskInfo> disks, bool isAnyFormat, CancellationToken cancellationToken);

    /// <summary>The disk of that name, or null.</summary>
    [Alias("Find")]
    Task<DiskInfo?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The shard's disks by name; of one parent only, if given.</summary>
    [Alias("List")]
    Task<ImmutableArray<DiskInfo>> ListAsync(SnapshotId? parent, CancellationToken cancellationToken);

    /// <summary>Replaces what is recorded of a disk, found by name and <see cref="DiskInfo.Id"/>.</summary>
    /// <returns>False when there is no such disk, or another one of that name.</returns>
    [Alias("Update")]
    Task<bool> UpdateAsync(DiskInfo disk, CancellationToken cancellationToken);

    /// <summary>Forgets a disk.</summary>
    /// <returns>False when there was none of that name and id.</returns>
    [Alias("Remove")]
    Task<bool> RemoveAsync(string name, Guid diskId, CancellationToken cancellationToken);
}
