using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>
/// Stands between the image center and the disks that depend on a snapshot: no clone slips past its deletion.
/// Reentrant, so that many clones share the storage's group commit.
/// </summary>
[Reentrant]
internal sealed class SnapshotGrain(
    IImageCenter center, ManifestCache manifests, IGrainFactory grains, TimeProvider time) : Grain, ISnapshotGrain
{
    private const int MaxDisksACall = 10_000;

    private int _clonesInFlight;
    private bool _isDeleting;

    private SnapshotId Id => SnapshotId.Parse(this.GetPrimaryKeyString());

    public async Task<ImageInfo> DescribeAsync(CancellationToken cancellationToken)
    {
        var manifest = await manifests.GetCurrentAsync(Id, cancellationToken);
        var children = await ChildrenAsync(cancellationToken);
        return ImageDescription.Of(manifest) with { Disks = children };
    }

    public async Task<ImmutableArray<DiskInfo>> CloneAsync(
        ImmutableArray<string> disks, CancellationToken cancellationToken)
    {
        CheckNames(disks);
        if (_isDeleting)
        {
            throw new SnapshotGrainsException(ErrorCode.InUse, $"Snapshot {Id} is being deleted; clone another.");
        }

        _clonesInFlight++;
        try
        {
            var map = (await manifests.GetCurrentAsync(Id, cancellationToken)).Map;
            var now = time.GetUtcNow();
            var created = disks.Select(name => new DiskInfo(
                name, Id, map.SizeBytes, map.SegmentSizeBytes, DiskState.LazyLoading, now));
            return await RecordAsync(disks, created, cancellationToken);
        }
        finally
        {
            _clonesInFlight--;
        }
    }

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (_isDeleting || _clonesInFlight > 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Snapshot {Id} is being cloned or deleted right now; try again.");
        }

        _isDeleting = true;
        try
        {
            var children = await ChildrenAsync(cancellationToken);
            if (children > 0)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.InUse, $"Snapshot {Id} has {children} disks; delete them first ('disk ls', 'disk rm').");
            }

            await center.DeleteAsync(Id.Name, Id.Snap, cancellationToken);
            manifests.Forget(Id);
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.Translate(error);
        }
        finally
        {
            _isDeleting = false;
        }
    }

    private void CheckNames(ImmutableArray<string> disks)
    {
        if (disks.IsDefaultOrEmpty)
        {
            throw new SnapshotGrainsException(ErrorCode.BadRequest, $"Name at least one disk to clone {Id} to.");
        }

        if (disks.Length > MaxDisksACall)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"{disks.Length} disks in one call are too many; name at most {MaxDisksACall} and call again.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in disks)
        {
            if (!seen.Add(ResourceName.Check(name, "disk")))
            {
                throw new SnapshotGrainsException(ErrorCode.BadRequest, $"Disk '{name}' is named twice.");
            }
        }
    }

    /// <summary>One write per shard that is concerned, all at once.</summary>
    private async Task<ImmutableArray<DiskInfo>> RecordAsync(
        ImmutableArray<string> names, IEnumerable<DiskInfo> disks, CancellationToken cancellationToken)
    {
        var writes = disks.GroupBy(disk => DiskCatalog.ShardOf(disk.Name)).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard.Key).AddAsync([.. shard], cancellationToken));
        var recorded = (await Task.WhenAll(writes)).SelectMany(shard => shard)
            .ToDictionary(disk => disk.Name, StringComparer.Ordinal);
        return [.. names.Select(name => recorded[name])];
    }

    private async Task<int> ChildrenAsync(CancellationToken cancellationToken)
    {
        var id = Id;
        var shards = await Task.WhenAll(Enumerable.Range(0, DiskCatalog.Shards).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(id, cancellationToken)));
        return shards.Sum(shard => shard.Length);
    }
}
