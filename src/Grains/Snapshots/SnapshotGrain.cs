using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Traces;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>
/// Stands between the image center and the disks that depend on a snapshot: no clone slips past its deletion.
/// Reentrant, so that many clones share the storage's group commit.
/// </summary>
[Reentrant]
internal sealed class SnapshotGrain(
    IImageCenter center, ManifestCache manifests, SnapshotTraces traces, IGrainFactory grains, TimeProvider time)
    : Grain, ISnapshotGrain
{
    private const int MaxDisksACall = 10_000;

    private int _clonesInFlight;
    private bool _isDeleting;
    private bool _isDeletionDue;
    private int _releases;

    private SnapshotId Id => SnapshotId.Parse(this.GetPrimaryKeyString());

    private IImageCatalogGrain Images => grains.GetGrain<IImageCatalogGrain>(0);

    private IReplicaCatalogGrain Replicas => grains.GetGrain<IReplicaCatalogGrain>(0);

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _isDeletionDue = (await Images.ListDeletingAsync(cancellationToken)).Contains(Id);

    public async Task<ImageInfo> DescribeAsync(CancellationToken cancellationToken)
    {
        var manifest = await manifests.GetCurrentAsync(Id, cancellationToken);
        var children = await ChildrenAsync(cancellationToken);
        return ImageDescription.Of(manifest) with { Disks = children, IsDeleting = _isDeletionDue };
    }

    public async Task<ImmutableArray<DiskInfo>> CloneAsync(
        ImmutableArray<string> disks, CloneOptions options, CancellationToken cancellationToken)
    {
        CheckNames(disks);
        SnapshotTraces.Check(options.Trace);
        CheckNotDeleting();
        _clonesInFlight++;
        try
        {
            var manifest = await manifests.GetCurrentAsync(Id, cancellationToken);
            var layout = await ChooseAsync(options.Layout, manifest, cancellationToken);
            await RegisterAsync(layout, cancellationToken);
            var isAnyFormat = options.Layout is not { HasFormat: true };
            var created = NewDisks(disks, manifest, options, layout).ToList();
            var recorded = await RecordAsync(disks, created, isAnyFormat, cancellationToken);
            await CheckKeyIsThereAsync(options.Layout?.Key, created, cancellationToken);
            await StartAsync(recorded, options.Hydration, cancellationToken);
            await traces.PreloadAsync(Id, options.Trace, cancellationToken);
            return recorded;
        }
        finally
        {
            _clonesInFlight--;
        }
    }

    public async Task<ChosenLayout> ResolveAsync(DiskLayout? layout, CancellationToken cancellationToken) =>
        await ChooseAsync(layout, await manifests.GetCurrentAsync(Id, cancellationToken), cancellationToken);

    public async Task<int> DeleteAsync(bool isDeferred, CancellationToken cancellationToken)
    {
        if (_isDeleting || _clonesInFlight > 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Snapshot {Id} is being cloned or deleted right now; try again.");
        }

        _isDeleting = true;
        try
        {
            _ = await manifests.GetCurrentAsync(Id, cancellationToken);
            var children = await ChildrenAsync(cancellationToken);
            if (children == 0)
            {
                await EraseAsync(cancellationToken);
            }
            else if (isDeferred)
            {
                await Images.SetDeletingAsync(Id, true, cancellationToken);
                _isDeletionDue = true;
                children = await EraseIfUnusedAsync(cancellationToken);
            }
            else
            {
                throw new SnapshotGrainsException(
                    ErrorCode.InUse,
                    $"Snapshot {Id} has {children} disks that need it; delete or flatten them first, or let the "
                    + "deletion wait for them (--defer).");
            }

            return children;
        }
        finally
        {
            _isDeleting = false;
        }
    }

    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        _releases++;
        if (_isDeletionDue && !_isDeleting)
        {
            _isDeleting = true;
            try
            {
                await EraseIfUnusedAsync(cancellationToken);
            }
            finally
            {
                _isDeleting = false;
            }
        }
    }

    /// <summary>Counts again when a disk was released meanwhile: its release left the deletion to this call.</summary>
    private async Task<int> EraseIfUnusedAsync(CancellationToken cancellationToken)
    {
        int children;
        int seen;
        do
        {
            seen = _releases;
            children = await ChildrenAsync(cancellationToken);
        }
        while (children > 0 && seen != _releases);
        if (children == 0)
        {
            await EraseAsync(cancellationToken);
        }

        return children;
    }

    private void CheckNotDeleting()
    {
        if (_isDeleting || _isDeletionDue)
        {
            throw new SnapshotGrainsException(ErrorCode.InUse, $"Snapshot {Id} is being deleted; clone another.");
        }
    }

    private Task RegisterAsync(ChosenLayout layout, CancellationToken cancellationToken) => layout.Format is null
        ? Task.CompletedTask
        : Replicas.RegisterAsync(layout.Of(Id), ReplicaBuild.Lazy, keep: false, cancellationToken);

    private Task StartAsync(
        ImmutableArray<DiskInfo> disks, HydrationMode hydration, CancellationToken cancellationToken) =>
        hydration != HydrationMode.Eager ? Task.CompletedTask : Task.WhenAll(
            disks.Select(disk => grains.GetGrain<IDiskGrain>(disk.Name).ResumeAsync(cancellationToken)));

    private IEnumerable<DiskInfo> NewDisks(
        ImmutableArray<string> names, Manifest manifest, CloneOptions options, ChosenLayout layout)
    {
        var map = manifest.Map;
        var now = time.GetUtcNow();
        var segment = layout.Format?.SegmentSizeBytes ?? map.SegmentSizeBytes;
        return names.Select(name => new DiskInfo(
            name, Id, map.SizeBytes, segment, DiskState.Created, now, Guid.NewGuid(),
            options.Hydration, Format: layout.Format, Key: layout.Key, Trace: options.Trace));
    }

    private async Task<ChosenLayout> ChooseAsync(
        DiskLayout? layout, Manifest manifest, CancellationToken cancellationToken)
    {
        var own = ImageDescription.KeyOf(manifest.Key);
        var key = layout?.Key switch
        {
            null => own,
            ReplicaId.NoKey => null,
            var name => await KeyOfAsync(name, cancellationToken),
        };
        var isOpen = layout is not { HasFormat: true } && key != own;
        var best = isOpen ? ReplicaCatalog.Best(await Replicas.FindAsync(Id, cancellationToken), key) : null;
        return LayoutChoice.Of(layout, manifest, key, best?.Format);
    }

    /// <summary>A key that was removed while disks were made under it takes them along.</summary>
    private async Task CheckKeyIsThereAsync(
        string? name, IReadOnlyList<DiskInfo> created, CancellationToken cancellationToken)
    {
        if (name is null or ReplicaId.NoKey || created[0].Key == await FindKeyAsync(name, cancellationToken))
        {
            return;
        }

        await Task.WhenAll(created.Select(disk => grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(disk.Name))
            .RemoveAsync(disk.Name, disk.Id, cancellationToken)));
        throw new SnapshotGrainsException(
            ErrorCode.KeyUnavailable, $"Key '{name}' was removed just now; no disk was made.");
    }

    private async Task<KeyRef?> FindKeyAsync(string name, CancellationToken cancellationToken) =>
        (await grains.GetGrain<IKeyCatalogGrain>(0).FindAsync(name, cancellationToken))?.Ref;

    private async Task<KeyRef> KeyOfAsync(string name, CancellationToken cancellationToken)
    {
        var key = await grains.GetGrain<IKeyCatalogGrain>(0).FindAsync(name, cancellationToken)
            ?? throw new SnapshotGrainsException(
                ErrorCode.NotFound, $"There is no key '{name}'; 'snapgrains key create {name}' makes it.");
        return key.State == KeyState.Active ? key.Ref : throw new SnapshotGrainsException(
            ErrorCode.KeyUnavailable, $"Key '{name}' is revoked; choose another.");
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
        ImmutableArray<string> names,
        IEnumerable<DiskInfo> disks,
        bool isAnyFormat,
        CancellationToken cancellationToken)
    {
        var writes = disks.GroupBy(disk => DiskCatalog.ShardOf(disk.Name)).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard.Key)
                .AddAsync([.. shard], isAnyFormat, cancellationToken));
        var recorded = (await Task.WhenAll(writes)).SelectMany(shard => shard)
            .ToDictionary(disk => disk.Name, StringComparer.Ordinal);
        return [.. names.Select(name => recorded[name])];
    }

    private async Task EraseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await center.DeleteAsync(Id.Name, Id.Snap, cancellationToken);
        }
        catch (ImageCenterException error) when (error.Code != ImageErrorCode.NotFound || !_isDeletionDue)
        {
            throw ImageErrors.Translate(error);
        }

        manifests.Forget(Id);
        await Replicas.RemoveOfAsync(Id, cancellationToken);
        await traces.ClearAsync(Id, cancellationToken);
        if (_isDeletionDue)
        {
            await Images.SetDeletingAsync(Id, false, cancellationToken);
            _isDeletionDue = false;
        }
    }

    private async Task<int> ChildrenAsync(CancellationToken cancellationToken)
    {
        var id = Id;
        var shards = await Task.WhenAll(Enumerable.Range(0, DiskCatalog.Shards).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(id, cancellationToken)));
        return shards.Sum(shard => shard.Count(disk => disk.NeedsParent));
    }
}
